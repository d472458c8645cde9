/**
 * The branded scalars that travel through the whole daemon.
 *
 * A brand says that somebody has already checked the value: numbers came out of our
 * own tables, strings went through `parseDomain` or `parseAddress`.
 * 1. A `Domain` is lower case, in A-label form, without a trailing dot.
 * 2. An `Address` is `local@domain` with such a domain; the local part is as given.
 * 3. Brands exist at compile time only; over a thread border they are plain scalars.
 */

declare const kind: unique symbol;

/** A value of type `Base` that may only be made through `brand` or a parser. */
export type Brand<Base extends string | number, Name extends string> = Base & { readonly [kind]: Name };

/** A login with storage; names the account's file. */
export type AccountId = Brand<number, 'AccountId'>;
/** Who owns domains. */
export type CustomerId = Brand<number, 'CustomerId'>;
/** A hosted domain. */
export type DomainId = Brand<number, 'DomainId'>;
/** An IMAP mailbox within one account's file. */
export type FolderId = Brand<number, 'FolderId'>;
/** RFC 9051 §2.3.1.1: unique within a folder and its UIDVALIDITY, 1 to 2^32-1. */
export type Uid = Brand<number, 'Uid'>;
/** RFC 7162 §3.1: at most 2^63-1 on the wire, here always below 2^53. */
export type ModSeq = Brand<number, 'ModSeq'>;
/** A domain name, lower case, A-labels, no trailing dot. */
export type Domain = Brand<string, 'Domain'>;
/** `local@domain`, the domain as in `Domain`. */
export type Address = Brand<string, 'Address'>;

type BaseOf<B> = B extends number ? number : B extends string ? string : never;

/**
 * Vouches for a value that is known to be good, such as a column of our own table:
 * `brand<AccountId>(row.id)`. It checks nothing.
 */
export function brand<B extends Brand<number, string> | Brand<string, string>>(value: BaseOf<B>): B {
  return value as unknown as B;
}
