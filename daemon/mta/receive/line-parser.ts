/**
 * Cuts what a client sends into command lines and message content; takes the place of smtp-server's own parser.
 *
 * 1. A command line ends with CR LF and nothing else (RFC 5321 §2.3.8): a line with a bare LF, a bare CR or a NUL is
 *    told to be wrong, not executed, which closes command smuggling.
 * 2. One command at a time: the next line is read when the session has answered the last one.
 * 3. A line longer than the limit is not kept; the session is told once and ends.
 * 4. After `isClosed` (QUIT, 421, STARTTLS) nothing that was received before is executed.
 */
import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';
import type { DataReader } from './data-reader.ts';

const LF = 0x0a;
const CR = 0x0d;
const MAX_SYNC_COMMANDS = 100;
const EMPTY = Buffer.alloc(0);

export interface LineConsumer {
  /** `done` is called once, when the next line may come; it may be called before the return. */
  onLine(line: Buffer, done: () => void): void;
  onBadLine(problem: 'bare-line-end' | 'nul' | 'too-long', done: () => void): void;
  /** The content's end was read; `done` as above. */
  onDataEnd(done: () => void): void;
  /** More content came: the session checks its limits. */
  onDataProgress(): void;
  /** Replies may be gathered until `endBatch`. */
  beginBatch(): void;
  endBatch(): void;
}

export class LineParser extends SMTPStream {
  readonly #consumer: LineConsumer;
  readonly #lineLimit: number;
  #rest: Buffer = EMPTY;
  #data: DataReader | undefined;
  /** When the first octet of an unfinished line came (ms of `performance.now`), 0 without one. */
  partialSinceMs = 0;

  constructor(consumer: LineConsumer, lineLimit: number) {
    super();
    this.#consumer = consumer;
    this.#lineLimit = lineLimit;
  }

  /** From the next octet on everything is content, until its end. */
  readData(reader: DataReader): void {
    this.#data = reader;
  }

  get isReadingData(): boolean {
    return this.#data !== undefined;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, next: (error?: Error | null) => void): void {
    if (this.isClosed) return next();
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#run(next);
  }

  /** Goes through what is there; calls itself again when an answer came later than its command. */
  #run(next: () => void): void {
    let isSync = true;
    let isAnswered = true;
    const done = (): void => {
      isAnswered = true;
      if (!isSync) this.#run(next);
    };
    this.#consumer.beginBatch();
    for (let count = 0; isAnswered; count++) {
      if (this.isClosed) {
        this.#rest = EMPTY;
        break;
      }
      if (count === MAX_SYNC_COMMANDS) {
        this.#consumer.endBatch();
        setImmediate(() => this.#run(next));
        return;
      }
      isAnswered = false;
      if (!this.#step(done)) {
        isAnswered = true;
        break;
      }
    }
    isSync = false;
    this.#consumer.endBatch();
    if (isAnswered) next();
  }

  /** One line or one piece of content; false when more octets are needed. */
  #step(done: () => void): boolean {
    if (this.#data !== undefined) return this.#stepData(this.#data, done);
    const rest = this.#rest;
    const end = rest.indexOf(LF);
    if (end < 0) {
      if (rest.length > this.#lineLimit) this.#tooLong(done);
      else if (rest.length > 0 && this.partialSinceMs === 0) this.partialSinceMs = performance.now();
      return false;
    }
    this.partialSinceMs = 0;
    this.#rest = rest.subarray(end + 1);
    if (end > this.#lineLimit) {
      this.#tooLong(done);
      return true;
    }
    if (end === 0 || rest[end - 1] !== CR) this.#consumer.onBadLine('bare-line-end', done);
    else {
      const line = rest.subarray(0, end - 1);
      if (line.includes(CR)) this.#consumer.onBadLine('bare-line-end', done);
      else if (line.includes(0)) this.#consumer.onBadLine('nul', done);
      else this.#consumer.onLine(line, done);
    }
    return true;
  }

  #stepData(data: DataReader, done: () => void): boolean {
    const rest = this.#rest;
    if (rest.length === 0) return false;
    const end = data.push(rest);
    if (end < 0) {
      this.#rest = EMPTY;
      this.#consumer.onDataProgress();
      return false;
    }
    this.#rest = rest.subarray(end);
    this.#data = undefined;
    this.#consumer.onDataEnd(done);
    return true;
  }

  #tooLong(done: () => void): void {
    this.#rest = EMPTY;
    this.#consumer.onBadLine('too-long', done);
  }
}
