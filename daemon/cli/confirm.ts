/** Asks before something is gone for good. Only a person at a terminal is asked: scripts mean what they say. */
import { createInterface } from 'node:readline/promises';
import { CommandFailure } from './failure.ts';
import type { Invocation } from './invocation.ts';

/** Goes on when `word` is typed, with `--yes`, and where nobody can be asked. */
export async function confirm({ options }: Pick<Invocation, 'options'>, question: string, word: string): Promise<void> {
  if (options.has('yes') || process.stdin.isTTY !== true || process.stderr.isTTY !== true) return;
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await dialogue.question(`${question}\nType ${word} to go on: `);
    if (answer.trim().toLowerCase() === word.toLowerCase()) return;
  } finally {
    dialogue.close();
  }
  throw new CommandFailure({ code: 'refused', message: 'Nothing was changed' });
}
