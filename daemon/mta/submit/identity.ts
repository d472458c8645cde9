/**
 * May this account write under these names? (design rule 5)
 *
 * 1. MAIL FROM and every address in From and Sender belong to the account or are granted to it; the refusal names the
 *    first that does not.
 * 2. A From that cannot be read, or more than one, is refused: what is not understood is not vouched for.
 * 3. Whatever a lenient reader could take for an author counts as one, and no field is judged by its beginning alone.
 * Specifications: RFC 6409 §6.1 (enforced submission rights), RFC 5322 §3.6.2.
 */
import { fieldsNamed, fieldText, type HeaderBlock, type HeaderField } from '../../authentication/header-fields.ts';
import type { Directory } from '../../directory/directory.ts';
import { addressTexts } from '../../wire/address/address-texts.ts';
import { listedMailboxes, parseAddressList } from '../../wire/address/header-list.ts';
import { parseAddress } from '../../wire/address/mailbox.ts';
import type { AccountId, Address } from '../../wire/ids.ts';
import { type Reply, reply } from '../../wire/smtp/reply.ts';

const MAX_AUTHORS = 50;
const FIELD_OCTETS_MAX = 16_384;

/** Undefined when MAIL FROM may be used. The null sender may: notices are sent under it (RFC 8098 §3). */
export function senderFault(directory: Directory, account: AccountId, sender: Address | ''): Reply | undefined {
  return sender === '' || directory.maySendAs(account, sender) ? undefined : notYours(sender);
}

/** Undefined when every author may be used. */
export function authorFault(directory: Directory, account: AccountId, header: HeaderBlock): Reply | undefined {
  const from = fieldsNamed(header, 'from');
  if (from.length > 1) return reply(554, '6.0', 'The message has more than one From field');
  for (const field of [...from, ...fieldsNamed(header, 'sender')]) {
    const texts = authorTexts(header, field);
    if (texts === undefined) return reply(554, '6.0', 'The From or Sender field of the message cannot be read');
    for (const text of texts) {
      const address = parseAddress(text);
      if (address === undefined || !directory.maySendAs(account, address)) return notYours(text);
    }
  }
  return undefined;
}

/** What a field names as authors, in our reading and in any other; undefined when it cannot be read. */
function authorTexts(header: HeaderBlock, field: HeaderField): string[] | undefined {
  if (field.end - field.valueStart > FIELD_OCTETS_MAX) return undefined;
  const value = fieldText(header, field, FIELD_OCTETS_MAX);
  const listed = parseAddressList(value, MAX_AUTHORS + 1);
  // A name without a domain is completed by some servers: with theirs.
  if (listed.some(({ host, mailbox }) => host === '' || mailbox === '')) return undefined;
  const mailboxes = listedMailboxes(listed);
  const others = addressTexts(value);
  if (mailboxes.length === 0 || mailboxes.length > MAX_AUTHORS || others === undefined) return undefined;
  return [...mailboxes, ...others];
}

/** The domain under which the message is written, for its signature. */
export function authorAddress(header: HeaderBlock): Address | undefined {
  const [field] = fieldsNamed(header, 'from');
  const [text] = field === undefined ? [] : listedMailboxes(parseAddressList(fieldText(header, field, FIELD_OCTETS_MAX), 1));
  return text === undefined ? undefined : parseAddress(text);
}

function notYours(address: string): Reply {
  return reply(550, '7.1', `You may not send as ${address.slice(0, 254)}`);
}
