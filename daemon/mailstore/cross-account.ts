/**
 * COPY and MOVE between accounts, whose files belong to different store threads (rule 7 of the design).
 *
 * 1. Each message is adopted by the target under an id of this call, so that repeating it stores nothing twice.
 * 2. MOVE expunges after all are adopted: a crash leaves both, never none.
 * 3. When copying fails half-way, what was adopted is taken back (RFC 9051 §6.4.7).
 */
import { randomUUID } from 'node:crypto';
import { Rejected } from '../lib/errors.ts';
import type { Uid } from '../wire/ids.ts';
import type { Adoption } from './deliver.ts';
import { type CopyResult, type FetchPage, Field, type FolderHandle, type Mailstore } from './mailstore.ts';

export interface CrossAccountSteps {
  readonly store: Pick<Mailstore, 'fetch' | 'expunge' | 'usage'>;
  /** Gives the new UID, null when the id was adopted before. */
  adopt(adoption: Adoption): Promise<Uid | null>;
  keywordNames(handle: FolderHandle): Promise<readonly string[]>;
  uidValidity(handle: FolderHandle): Promise<number>;
}

export interface CrossAccountCopy {
  readonly from: FolderHandle;
  readonly uids: Uint32Array;
  readonly to: FolderHandle;
  readonly quotaBytes: number | null;
}

export async function copyAcross(steps: CrossAccountSteps, request: CrossAccountCopy): Promise<CopyResult> {
  const { from, uids, to } = request;
  const uidValidity = await steps.uidValidity(to);
  await refuseBeyondQuota(steps, request);
  const names = await steps.keywordNames(from);
  const moveId = randomUUID();
  const sourceUids: number[] = [];
  const targetUids: number[] = [];
  try {
    const fields = Field.raw | Field.flags | Field.internalDate;
    for await (const page of steps.store.fetch({ handle: from, uids, fields })) {
      for (const adoption of adoptions(page, { to, names, moveId })) {
        const source = page.uids[adoption.row] as number;
        const uid = await steps.adopt(adoption.message);
        if (uid === null) continue;
        sourceUids.push(source);
        targetUids.push(uid);
      }
    }
  } catch (error) {
    if (targetUids.length > 0) await steps.store.expunge(to, Uint32Array.from(targetUids), { force: true });
    throw error;
  }
  return { uidValidity, sourceUids: Uint32Array.from(sourceUids), targetUids: Uint32Array.from(targetUids) };
}

export async function moveAcross(steps: CrossAccountSteps, request: CrossAccountCopy, origin: string | undefined): Promise<CopyResult> {
  const copied = await copyAcross(steps, request);
  if (copied.sourceUids.length > 0) {
    await steps.store.expunge(request.from, copied.sourceUids, { force: true, ...(origin !== undefined && { origin }) });
  }
  return copied;
}

async function refuseBeyondQuota(steps: CrossAccountSteps, { from, uids, to, quotaBytes }: CrossAccountCopy): Promise<void> {
  if (quotaBytes === null) return;
  let bytes = 0;
  for await (const page of steps.store.fetch({ handle: from, uids, fields: Field.size })) {
    for (const size of page.sizes ?? []) bytes += size;
  }
  const usage = await steps.store.usage(to.account);
  if (bytes > 0 && usage.bytes + bytes > quotaBytes) throw new Rejected('The mailbox is full');
}

function* adoptions(
  page: FetchPage,
  target: { to: FolderHandle; names: readonly string[]; moveId: string },
): Generator<{ row: number; message: Adoption }> {
  for (let row = 0; row < page.uids.length; row++) {
    const bits = page.keywords?.[row] ?? 0n;
    const keywords = bits === 0n ? [] : target.names.filter((_, bit) => ((bits >> BigInt(bit)) & 1n) === 1n);
    // A copy of its own: the page's buffer holds its neighbours too.
    const raw = page.raw === undefined ? new Uint8Array(0) : page.raw.data.slice(page.raw.offsets[row], page.raw.offsets[row + 1]);
    const message = {
      handle: target.to,
      id: `move:${target.moveId}:${page.uids[row]}`,
      raw,
      flags: page.flags?.[row] ?? 0,
      keywords,
      internalDateMs: page.internalDatesMs?.[row] ?? 0,
    };
    yield { row, message };
  }
}
