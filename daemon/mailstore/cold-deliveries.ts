/**
 * Decides which deliveries go to the intake and which to their account's file, and sees that the intake is emptied.
 *
 * 1. Only what is certain to be accepted may wait: the account's usage is known, or there is no quota to keep.
 * 2. What waits is filed in the background when the thread is quiet, one account a turn.
 */
import { existsSync } from 'node:fs';
import { type AccountId, brand, type FolderId, type Uid } from '../wire/ids.ts';
import { accountPath } from './account-file.ts';
import type { Intake } from './intake.ts';
import type { Delivery, DeliveryOutcome, Usage } from './mailstore.ts';

/** Quiet for so long, the thread files what waits. */
const QUIET_MS = 1000;
const NO_USAGE: Usage = { bytes: 0, messages: 0 };

/** `stored`, but under a UID that the message gets when it is filed. */
const WAITING: DeliveryOutcome = { kind: 'stored', folder: brand<FolderId>(0), uidValidity: 0, uid: brand<Uid>(0) };

export interface ColdDeliveryHooks {
  readonly directory: string;
  /** The file is open, or somebody listens: it is to be written directly. */
  readonly isWarm: (account: AccountId) => boolean;
  /** Opens the account's file, which files what waits. */
  readonly settle: (account: AccountId) => Promise<void>;
  readonly onUsage: (account: AccountId, usage: Usage) => void;
}

export class ColdDeliveries {
  readonly #intake: Intake;
  readonly #hooks: ColdDeliveryHooks;
  readonly #usage = new Map<AccountId, Usage>();
  #arrivals = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(intake: Intake, hooks: ColdDeliveryHooks) {
    this.#intake = intake;
    this.#hooks = hooks;
    if (!intake.isEmpty) this.#fileLater();
  }

  /** What a file said when it was last written; the quota of the next cold delivery is held against it. */
  known(account: AccountId, usage: Usage): void {
    this.#usage.set(account, usage);
  }

  forget(account: AccountId): void {
    this.#usage.delete(account);
  }

  /** The outcome of a delivery that may wait; undefined when it has to go to its file. */
  deliver(delivery: Delivery): Promise<DeliveryOutcome> | undefined {
    const { account } = delivery;
    this.#arrivals += 1;
    if (!this.#intake.takes(delivery) || this.#hooks.isWarm(account)) return undefined;
    const usage = this.#usageOf(account);
    const isCertain = delivery.quotaBytes === null || delivery.vouched || (usage !== undefined && usage.bytes < delivery.quotaBytes);
    return isCertain ? this.#put(delivery, usage) : undefined;
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #put(delivery: Delivery, usage: Usage | undefined): Promise<DeliveryOutcome> {
    const { account, raw } = delivery;
    // Counted before the commit, so that the next message of this turn is held against it too.
    if (usage !== undefined) this.known(account, { bytes: usage.bytes + raw.length, messages: usage.messages + 1 });
    try {
      await this.#intake.put(delivery);
    } catch (error) {
      this.forget(account);
      throw error;
    }
    const total = this.#usage.get(account);
    // Filed already by whoever came next: then the file has told its usage.
    if (total !== undefined && this.#intake.has(account)) this.#hooks.onUsage(account, total);
    this.#fileLater();
    return WAITING;
  }

  #usageOf(account: AccountId): Usage | undefined {
    return this.#usage.get(account) ?? (existsSync(accountPath(this.#hooks.directory, account)) ? undefined : NO_USAGE);
  }

  #fileLater(): void {
    if (this.#isStopped) return;
    const arrivals = this.#arrivals;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#arrivals === arrivals) void this.#fileWhileQuiet();
      else this.#fileLater();
    }, QUIET_MS).unref();
  }

  async #fileWhileQuiet(): Promise<void> {
    const arrivals = this.#arrivals;
    for (const account of this.#intake.accounts()) {
      if (this.#arrivals !== arrivals || this.#isStopped) break;
      try {
        await this.#hooks.settle(account);
      } catch {
        // The account's file is in trouble: its mail is safe where it is and is tried again later, after the others'.
      }
    }
    if (!this.#intake.isEmpty) this.#fileLater();
  }
}
