/**
 * IP addresses as a socket tells them (IPv4 also inside IPv6): is it this machine, and which network counts as one client.
 */

/** 127.0.0.0/8 and ::1. An unknown address (the socket is gone) is not. */
export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && (address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.'));
}

/** IPv4 as it is, IPv4 in IPv6 as IPv4, IPv6 as its /64, which is what one customer of a network usually has. */
export function networkOf(address: string): string {
  const bare = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
  if (!bare.includes(':') || bare === '::1') return bare;
  const [head = '', tail] = bare.toLowerCase().split('%', 1).join('').split('::', 2);
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = tail === undefined ? front : [...front, ...Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
