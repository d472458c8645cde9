/**
 * Line ends of appended messages: bare LF and bare CR become CR LF, as the store's contract asks.
 * A message that is right already is passed on as it is, without a copy.
 */
const LF = 10;
const CR = 13;

/** The message with CR LF line ends. */
export function crlfLines(message: Buffer): Buffer {
  const missing = countBare(message);
  if (missing === 0) return message;
  const mended = Buffer.allocUnsafeSlow(message.length + missing);
  let fill = 0;
  for (let index = 0; index < message.length; index++) {
    const octet = message[index] as number;
    if (octet === LF && message[index - 1] !== CR) mended[fill++] = CR;
    mended[fill++] = octet;
    if (octet === CR && message[index + 1] !== LF) mended[fill++] = LF;
  }
  return mended;
}

function countBare(message: Buffer): number {
  let bare = 0;
  for (let at = message.indexOf(LF); at >= 0; at = message.indexOf(LF, at + 1)) if (message[at - 1] !== CR) bare++;
  for (let at = message.indexOf(CR); at >= 0; at = message.indexOf(CR, at + 1)) if (message[at + 1] !== LF) bare++;
  return bare;
}
