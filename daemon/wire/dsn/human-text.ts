/**
 * The report in words: who was to get the message, what happened, what the other server said, what to do.
 *
 * Lines stay under 78 characters where words allow; a peer's words are quoted, indented and bounded.
 * Specification: RFC 3464 §2 (the first part is for people).
 */
import { displayAddress } from '../address/mailbox.ts';
import { formatDate } from '../mime/date.ts';
import type { DsnAction, DsnRecipient, ReportFacts } from './delivery-report.ts';
import { explainStatus } from './explain-status.ts';

const SHOWN_RECIPIENTS = 50;
const LINE_CHARS = 74;

const SUBJECTS: Readonly<Record<DsnAction, string>> = {
  failed: 'Your message could not be delivered',
  delayed: 'Your message is delayed',
  delivered: 'Your message was delivered',
  relayed: 'Your message was passed on',
  expanded: 'Your message was passed on to a list of recipients',
};

const OPENINGS: Readonly<Record<DsnAction, string>> = {
  failed: 'your message could not be delivered to the following recipients. No further attempt will be made.',
  delayed: 'your message could not be delivered yet to the following recipients. You need not do anything: the server keeps trying.',
  delivered: 'as you asked, this tells you that your message was delivered to the following recipients.',
  relayed:
    'your message was passed on for the following recipients to a server that does not report deliveries. You will probably hear no more of it.',
  expanded: 'your message was passed on to everybody behind the following addresses.',
};

/** The report's Subject. */
export function reportSubject(action: DsnAction): string {
  return SUBJECTS[action];
}

/** The words for people, with CRLF line ends, UTF-8. */
export function humanText(facts: ReportFacts, action: DsnAction, subject: string | undefined): string {
  const paragraphs = [wrap(`Hello, ${OPENINGS[action]}`)];
  if (subject) paragraphs.push(wrap(`Subject: ${subject.slice(0, 200)}`));
  paragraphs.push(wrap(`Sent: ${formatDate(facts.arrivalMs)}`));
  for (const recipient of facts.recipients.slice(0, SHOWN_RECIPIENTS)) paragraphs.push(recipientText(recipient));
  const more = facts.recipients.length - SHOWN_RECIPIENTS;
  if (more > 0) paragraphs.push(`... and ${more} more, listed in the technical part.`);
  paragraphs.push(
    wrap(
      `This report was made by the mail server ${facts.reportingMta}. The technical details and your message or its header are attached.`,
    ),
  );
  return `${paragraphs.join('\n\n')}\n`.replace(/\n/g, '\r\n');
}

function recipientText(recipient: DsnRecipient): string {
  const lines = [`<${displayAddress(recipient.address)}>`];
  if (recipient.action === 'failed' || recipient.action === 'delayed') {
    const { what, advice } = explainStatus(recipient.status);
    lines.push(wrap(what, '  '));
    if (recipient.diagnostic) {
      lines.push(wrap(recipient.remoteMta === undefined ? 'In detail:' : `The server ${recipient.remoteMta} said:`, '  '));
      lines.push(wrap(recipient.diagnostic.slice(0, 1_000), '    '));
    }
    if (recipient.action === 'failed') lines.push(wrap(`What you can do: ${advice}`, '  '));
    else if (recipient.willRetryUntilMs !== undefined) lines.push(`  It is tried until ${formatDate(recipient.willRetryUntilMs)}.`);
  }
  return lines.join('\n');
}

/** Breaks text at spaces; control characters and line ends count as spaces. */
function wrap(text: string, indent = ''): string {
  let result = '';
  let line = indent;
  for (const word of text.split(/[\s\p{Cc}]+/u)) {
    if (word === '') continue;
    if (line.length > indent.length && line.length + 1 + word.length > LINE_CHARS) {
      result += `${line}\n`;
      line = indent;
    }
    line += line.length > indent.length ? ` ${word}` : word;
  }
  return result + line;
}
