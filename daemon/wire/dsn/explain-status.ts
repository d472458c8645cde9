/**
 * Enhanced status codes in words for people: what went wrong and what the sender can do about it.
 *
 * The most exact entry wins: the whole subject and detail, then the subject. Specification: RFC 3463 §3.
 */

export interface Explanation {
  readonly what: string;
  readonly advice: string;
}

const TABLE: Readonly<Record<string, Explanation>> = {
  '1.1': {
    what: 'The address does not exist.',
    advice: 'Check the part before the @ for a typing mistake, or ask the recipient for the current address.',
  },
  '1.2': { what: 'The domain of the address does not exist or takes no mail.', advice: 'Check the part after the @ for a typing mistake.' },
  '1.3': { what: 'The address is not written correctly.', advice: 'Check the address for missing or misplaced characters.' },
  '1.6': { what: 'The recipient has moved and left no new address.', advice: 'Ask the recipient for the current address by other means.' },
  '1.8': {
    what: 'The other server does not accept your sender address.',
    advice: 'Check the sender address in your mail program, or ask your administrator.',
  },
  '1.10': {
    what: 'The domain of the address says that it takes no mail at all.',
    advice: 'Check the part after the @, or reach the recipient another way.',
  },
  '2.1': { what: 'The mailbox exists, but it is switched off.', advice: 'Reach the recipient another way.' },
  '2.2': { what: 'The mailbox is full.', advice: 'Let the recipient know by other means, and send the message again later.' },
  '2.3': {
    what: 'The message is larger than the recipient may receive.',
    advice: 'Send it without large attachments, or share the files by a link.',
  },
  '3.4': {
    what: 'The message is larger than the other server accepts.',
    advice: 'Send it without large attachments, or share the files by a link.',
  },
  '4.1': {
    what: 'The other server did not answer.',
    advice: 'Send the message again later; if this goes on, tell the recipient by other means.',
  },
  '4.4': { what: 'No mail server could be found for the domain.', advice: 'Check the part after the @ for a typing mistake.' },
  '4.6': {
    what: 'The message went round in a loop between servers.',
    advice: "Tell the administrator of the recipient's domain; a forward there probably leads back.",
  },
  '4.7': {
    what: 'The message could not be delivered within the time allowed.',
    advice: 'Send it again; if this goes on, tell the recipient by other means.',
  },
  '6.7': {
    what: 'The message or address has characters that the other server cannot handle.',
    advice: 'Use an address in plain letters, if the recipient has one.',
  },
  '7.1': {
    what: 'The other server refuses the message.',
    advice: 'Its answer below says why. Reach the recipient another way, or ask your administrator.',
  },
  '7.10': {
    what: "No connection with the encryption that the recipient's domain demands could be made.",
    advice: "Tell the recipient's administrator; sending it unprotected is not an option here.",
  },
  '1': { what: 'The address was not accepted.', advice: 'Check the address, or ask the recipient for the current one.' },
  '2': { what: 'The mailbox cannot take the message.', advice: 'Let the recipient know by other means.' },
  '3': {
    what: 'The other mail system cannot take the message.',
    advice: 'Send it again later; if this goes on, tell the recipient by other means.',
  },
  '4': {
    what: 'The way to the other server is disturbed.',
    advice: 'Send the message again later; if this goes on, tell the recipient by other means.',
  },
  '5': { what: 'The two servers did not understand each other.', advice: 'Send this report to your administrator.' },
  '6': {
    what: 'The other server does not accept the content or format of the message.',
    advice: 'Send it as simple text, or without attachments.',
  },
  '7': {
    what: 'The other server refuses the message for its rules or for safety.',
    advice: 'Its answer below says why. Reach the recipient another way, or ask your administrator.',
  },
};

const UNKNOWN: Explanation = {
  what: 'The other server did not take the message.',
  advice: 'Its answer below may say why. Send this report to your administrator if it does not help.',
};

/** Explains a status such as `5.1.1`. */
export function explainStatus(status: string): Explanation {
  const [, subject, detail] = status.split('.');
  return TABLE[`${subject}.${detail}`] ?? TABLE[subject ?? ''] ?? UNKNOWN;
}
