/**
 * The bytes of a queued message for its delivery: what came with the claim, or parts read from the ledger as they are needed.
 *
 * 1. Large messages are never held whole for a remote delivery; a local one holds them while it lasts, at most
 *    MAX_WHOLE_BYTES together (one message is always let through).
 */
import { Readable } from 'node:stream';
import type { ClaimedMessage, RunnerQueue } from '../../queue/claim.ts';

const MAX_WHOLE_BYTES = 96 << 20;

export class MessageBodies {
  readonly #queue: RunnerQueue;
  readonly #waiting: (() => void)[] = [];
  #wholeBytes = 0;

  constructor(queue: RunnerQueue) {
    this.#queue = queue;
  }

  /** For a remote transaction; a new stream with each call. */
  source(message: ClaimedMessage): Buffer | Readable {
    if (message.body !== null) return bufferOf(message.body);
    return Readable.from(this.#parts(message.seq), { objectMode: false, highWaterMark: 256 * 1024 });
  }

  /** The beginning, with the header: for DSNs. */
  async head(message: ClaimedMessage): Promise<Buffer> {
    return bufferOf(message.body ?? (await this.#queue.bodyPart(message.seq, 0)));
  }

  /** All of it while `use` runs. */
  async whole<T>(message: ClaimedMessage, use: (body: Uint8Array) => Promise<T>): Promise<T> {
    if (message.body !== null) return use(message.body);
    while (this.#wholeBytes > 0 && this.#wholeBytes + message.sizeBytes > MAX_WHOLE_BYTES)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#wholeBytes += message.sizeBytes;
    try {
      const body = new Uint8Array(message.sizeBytes);
      let filled = 0;
      for await (const part of this.#parts(message.seq)) {
        body.set(part.subarray(0, body.length - filled), filled);
        filled += part.byteLength;
      }
      if (filled !== body.length) throw new Error(`message ${message.id} has ${filled} of ${body.length} bytes`);
      return await use(body);
    } finally {
      this.#wholeBytes -= message.sizeBytes;
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  async *#parts(seq: number): AsyncGenerator<Buffer, void, undefined> {
    for (let index = 0; ; index++) {
      const part = await this.#queue.bodyPart(seq, index);
      if (part.byteLength === 0) return;
      yield bufferOf(part);
    }
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
