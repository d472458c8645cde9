/** Feeds text to the command reader and parser, as one connection would. */

import type { Command } from '../../../daemon/wire/imap/command.ts';
import {
  type CommandFrame,
  CommandReader,
  type LiteralRefusal,
  type ReaderEvent,
  type ReaderLimits,
} from '../../../daemon/wire/imap/command-reader.ts';
import { type ParsedCommand, parseCommand } from '../../../daemon/wire/imap/parse-command.ts';

export const LIMITS: ReaderLimits = { lineBytes: 65_536, droppedBytes: 1 << 20, literals: 100 };

/** All events that `text` (latin1) gives, fed in chunks of `chunkBytes`. */
export function events(
  text: string,
  chunkBytes = Number.MAX_SAFE_INTEGER,
  limits = LIMITS,
  refusal: LiteralRefusal | null = null,
): ReaderEvent[] {
  const reader = new CommandReader(limits, () => refusal);
  const bytes = Buffer.from(text, 'latin1');
  const seen: ReaderEvent[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    reader.push(Buffer.from(bytes.subarray(at, at + chunkBytes)));
    for (let event = reader.next(); event !== null; event = reader.next()) seen.push(event);
  }
  return seen;
}

export function frameOf(text: string): CommandFrame {
  const frames = events(text).filter((event) => event.type === 'frame');
  if (frames.length !== 1) throw new Error(`${frames.length} frames in ${JSON.stringify(text)}`);
  return (frames[0] as { frame: CommandFrame }).frame;
}

export function parse(text: string): ParsedCommand {
  return parseCommand(frameOf(`${text}\r\n`));
}

/** The command that `text` is, without its tag; throws when it is none. */
export function command(text: string): Command {
  const parsed = parse(`a ${text}`);
  if (!parsed.ok) throw new Error(`${parsed.status} ${parsed.text}: ${text}`);
  return parsed.command;
}
