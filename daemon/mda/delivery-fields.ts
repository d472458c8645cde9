/**
 * The fields of final delivery: Return-Path (RFC 5321 §4.4) and Delivered-To (RFC 9228), by which a message that comes
 * round is recognised.
 */
import { fieldsNamed, fieldText, type HeaderBlock } from '../authentication/header-fields.ts';
import type { Address } from '../wire/ids.ts';
import { returnPathHeader } from '../wire/smtp/received.ts';

/** Both fields, each with its CRLF. */
export function deliveryFields(sender: Address | '', recipient: Address): string {
  return `${returnPathHeader(sender)}Delivered-To: ${recipient}\r\n`;
}

/** What a forwarder adds, so that it knows the message when it comes back. */
export function forwardFields(forwarder: Address): string {
  return `Delivered-To: ${forwarder}\r\n`;
}

/** The addresses that a message says it was delivered to, lower case. */
export function deliveredTo(header: HeaderBlock): string[] {
  const fields = fieldsNamed(header, 'delivered-to');
  return fields.map((field) => fieldText(header, field, 500).toLowerCase());
}
