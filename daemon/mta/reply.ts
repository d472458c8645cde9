/**
 * SMTP replies as values: code, enhanced code, text (RFC 5321 §4.2, RFC 2034, RFC 3463).
 *
 * 1. Every reply names its own enhanced code; nothing is guessed or doubled on the way out. '' where there is none
 *    (greeting, EHLO, 3xx: RFC 2034 §4).
 * 2. The text is safe: no control characters leave, whatever came in.
 */
export interface SmtpReply {
  readonly code: number;
  readonly enhanced: string;
  readonly text: string;
}

export function smtpReply(code: number, enhanced: string, text: string): SmtpReply {
  return { code, enhanced, text };
}

/** Our own trouble: the other side tries again later; what happened stands in the log only. */
export const OUR_TROUBLE = smtpReply(451, '4.3.0', 'Something went wrong here, please try again later');

/** The line(s) of a reply without the last line end. */
export function replyText(reply: SmtpReply): string {
  const text = safeText(reply.text);
  return reply.enhanced === '' ? `${reply.code} ${text}` : `${reply.code} ${reply.enhanced} ${text}`;
}

/** Control characters become spaces; RFC 5321 §4.5.3.1.5 bounds a reply line at 512 octets. */
export function safeText(text: string): string {
  let isSafe = text.length <= 480;
  for (let at = 0; isSafe && at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) isSafe = false;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not leave
  return isSafe ? text : text.slice(0, 480).replace(/[\x00-\x1f\x7f-\x9f]/g, ' ');
}
