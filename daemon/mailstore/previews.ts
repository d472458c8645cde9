/**
 * Previews: the beginning of a message's text in one line (RFC 8970), made by mailparser on a reader thread.
 *
 * 1. It never decides about acceptance or storage: what it cannot read has an empty preview.
 * 2. Bounded: the first 128 KiB of a message, one message a turn, at most half a second each.
 * 3. mailparser is loaded at the first preview, not with the thread.
 */
import { createRequire } from 'node:module';
import { chunkKey } from './account-schema.ts';
import type { ReaderFile } from './reader-file.ts';
import { yieldTurn } from './slices.ts';
import type { Preview } from './store-api.ts';

const MAX_BYTES = 128 * 1024;
const MAX_MS = 500;
/** RFC 8970 §3.2: at most 256 characters. */
const PREVIEW_LENGTH = 200;

interface Parsed {
  readonly text?: string;
}
type SimpleParser = (raw: Buffer, options: Record<string, unknown>) => Promise<Parsed>;

/** Gives the function that makes previews of an account's contents; it loads mailparser once. */
export function createPreviewer(): (file: ReaderFile, contents: readonly number[]) => Promise<Preview[]> {
  let parse: SimpleParser | undefined;
  return async (file, contents) => {
    const previews: Preview[] = [];
    for (const content of contents) {
      const raw = beginning(file, content);
      parse ??= (createRequire(import.meta.url)('mailparser') as { simpleParser: SimpleParser }).simpleParser;
      if (raw !== undefined) previews.push({ content, text: await previewOf(parse, raw) });
      await yieldTurn();
    }
    return previews;
  };
}

function beginning(file: ReaderFile, content: number): Buffer | undefined {
  const header = file.connection.statement('SELECT header FROM content WHERE id=?').pluck().get(content) as Buffer | undefined;
  if (header === undefined) return undefined;
  const chunk = file.connection.statement(`SELECT substr(bytes, 1, ${MAX_BYTES}) FROM chunk WHERE key=?`).pluck().get(chunkKey(content, 0));
  return Buffer.concat([header, (chunk ?? Buffer.alloc(0)) as Buffer]).subarray(0, MAX_BYTES);
}

async function previewOf(parse: SimpleParser, raw: Buffer): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const options = { skipImageLinks: true, skipTextToHtml: true, skipTextLinks: true, maxHtmlLengthToParse: MAX_BYTES };
    const late = new Promise<Parsed>((resolve) => (timer = setTimeout(() => resolve({}), MAX_MS)));
    const { text = '' } = await Promise.race([parse(raw, options), late]);
    return oneLine(text);
  } catch {
    // mailparser throws on more than 1,000 parts or a header over 1 MiB: no preview then.
    return '';
  } finally {
    clearTimeout(timer);
  }
}

function oneLine(text: string): string {
  const words = text
    .slice(0, 4000)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return Array.from(words).slice(0, PREVIEW_LENGTH).join('').trim();
}
