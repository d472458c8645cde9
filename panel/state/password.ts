/* Passwords that we make up: four groups of five from 31 letters and figures that nobody confuses, 99 bits. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz2345678';

export function generatePassword(): string {
  const groups: string[] = [];
  for (let group = 0; group < 4; group++) {
    let text = '';
    while (text.length < 5) {
      const [byte = 255] = crypto.getRandomValues(new Uint8Array(1));
      // 248 is the largest multiple of 31 in a byte: what lies above would favour the first letters.
      if (byte < 248) text += alphabet[byte % 31];
    }
    groups.push(text);
  }
  return groups.join('-');
}

export const shortestPassword = 8;
