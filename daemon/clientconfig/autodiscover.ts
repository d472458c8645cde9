/**
 * Autodiscover in its plain XML form, as Outlook asks for it by POST, and Delta Chat and others by GET:
 * /autodiscover/autodiscover.xml (in any case of letters) on autodiscover.DOMAIN and DOMAIN.
 *
 * Invariants: 1. the answer repeats the address that was asked for and says nothing about whether it exists; 2. a request
 * that cannot be read, or that asks for another schema, gets the protocol's own error, with HTTP 200 as Outlook expects.
 *
 * Specifications: [MS-OXDSCLI] §2.2.3 (request), §2.2.4 (response).
 */
import { type ClientConfigInput, type ConfigResponse, type Endpoint, preferredEndpoint } from './endpoints.ts';
import { escapeXml, readElements } from './xml.ts';

const REQUEST_SCHEMA = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';
const ENVELOPE = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
const MAX_ADDRESS = 254;

export type AutodiscoverRequest =
  | { readonly kind: 'settings'; readonly address: string | undefined }
  /** 600: the request cannot be read; 601: it asks for something that is not offered. */
  | { readonly kind: 'error'; readonly code: 600 | 601 };

/** Reads the body of a POST, at most 16 KiB. An empty body asks for settings without an address, as a GET does. */
export function readAutodiscoverRequest(body: string): AutodiscoverRequest {
  if (body.trim() === '') return { kind: 'settings', address: undefined };
  const elements = readElements(body, ['EMailAddress', 'AcceptableResponseSchema']);
  const address = elements?.get('EMailAddress');
  if (address === undefined || !isAddressShaped(address)) return { kind: 'error', code: 600 };
  const schema = elements?.get('AcceptableResponseSchema');
  // Mobile devices ask for the ActiveSync schema, which is not offered.
  if (schema !== undefined && schema !== REQUEST_SCHEMA) return { kind: 'error', code: 601 };
  return { kind: 'settings', address };
}

/** Only the shape: one @ between something, no space, no control character, of a length that SMTP allows. */
export function isAddressShaped(text: string): boolean {
  const at = text.lastIndexOf('@');
  // RFC 5321 §4.5.3.1.3
  return at > 0 && at < text.length - 1 && text.length <= MAX_ADDRESS && !/[\s\p{Cc}<>]/u.test(text);
}

/** The answer to a request that was read; `now` is the clock for the error's time. */
export function autodiscover(input: ClientConfigInput, request: AutodiscoverRequest, now: () => Date = () => new Date()): ConfigResponse {
  const body = request.kind === 'error' ? errorBody(request.code, now()) : settingsBody(input, request.address);
  return { status: 200, contentType: 'application/xml; charset=utf-8', body };
}

function settingsBody(input: ClientConfigInput, address: string | undefined): string {
  const lines = [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<Autodiscover xmlns="${ENVELOPE}">`,
    `  <Response xmlns="${REQUEST_SCHEMA}">`,
    ...(address === undefined ? [] : ['    <User>', `      <DisplayName>${escapeXml(address)}</DisplayName>`, '    </User>']),
    '    <Account>',
    '      <AccountType>email</AccountType>',
    '      <Action>settings</Action>',
    ...(['imap', 'pop3', 'smtp'] as const).flatMap((protocol) => protocolLines(preferredEndpoint(input, protocol), address)),
    '    </Account>',
    '  </Response>',
    '</Autodiscover>',
  ];
  return `${lines.join('\n')}\n`;
}

function protocolLines({ protocol, hostname, port, security }: Endpoint, address: string | undefined): string[] {
  return [
    '      <Protocol>',
    `        <Type>${protocol.toUpperCase()}</Type>`,
    `        <Server>${escapeXml(hostname)}</Server>`,
    `        <Port>${port}</Port>`,
    ...(address === undefined ? [] : [`        <LoginName>${escapeXml(address)}</LoginName>`]),
    '        <DomainRequired>off</DomainRequired>',
    '        <SPA>off</SPA>',
    '        <SSL>on</SSL>',
    `        <Encryption>${security === 'SSL' ? 'SSL' : 'TLS'}</Encryption>`,
    '        <AuthRequired>on</AuthRequired>',
    ...(protocol === 'smtp' ? ['        <UsePOPAuth>on</UsePOPAuth>', '        <SMTPLast>off</SMTPLast>'] : []),
    '      </Protocol>',
  ];
}

function errorBody(code: 600 | 601, now: Date): string {
  const message = code === 600 ? 'Invalid Request' : 'Requested schema version not supported';
  const time = now.toISOString().slice(11, 23);
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<Autodiscover xmlns="${ENVELOPE}">`,
    '  <Response>',
    `    <Error Time="${time}" Id="0">`,
    `      <ErrorCode>${code}</ErrorCode>`,
    `      <Message>${message}</Message>`,
    '      <DebugData />',
    '    </Error>',
    '  </Response>',
    '</Autodiscover>',
    '',
  ].join('\n');
}
