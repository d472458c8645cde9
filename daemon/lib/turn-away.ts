/** Connections that are refused: told why, and gone soon, whatever their client does. */
import type { Socket } from 'node:net';

const LEAVE_MS = 2_000;

/** Says `text` (nothing when it is empty) and ends. A client that stays all the same holds nothing of ours. */
export function turnAway(socket: Socket, text: string): void {
  const timer = setTimeout(() => socket.destroy(), LEAVE_MS).unref();
  socket.on('error', () => socket.destroy());
  socket.once('close', () => clearTimeout(timer));
  socket.end(text);
  // Read, so that its end is seen.
  socket.resume();
}
