/* Who wrote a message that a server sent on: a rewritten sender (SRS0=…=example.com=name@forwarder) names its first one inside. */

const rewritten = /^SRS(?:0[=+-]|1[=+-][^=]*=[^=]*==?)[^=]+=[^=]+=([^=@]+)=([^@]+)@/i;

/** "SRS0=x1y2=ab=far.example=zoe@own.example" → "zoe@far.example"; any other sender as it is. */
export function originalSender(sender: string): string {
  const found = rewritten.exec(sender);
  return found ? `${found[2]}@${found[1]}` : sender;
}
