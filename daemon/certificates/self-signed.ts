/**
 * A self-signed certificate for the host name, used until a real one is there: P-256, two years, the name and
 * `localhost` as subjectAltName (RFC 5280 §4.2.1.6).
 */
import { webcrypto } from 'node:crypto';
import type { CertificateEntry } from './certificate-set.ts';

const VALID_MS = 730 * 86_400_000;

/** Loads the X.509 library on first use only: it costs start-up time. */
export async function makeSelfSigned(hostname: string, nowMs: number): Promise<CertificateEntry> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const names = [...new Set([hostname, 'localhost'])];
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)))
        .toString('hex')
        .replace(/^./, '4'),
      name: `CN=${hostname}`,
      notBefore: new Date(nowMs - 3_600_000),
      notAfter: new Date(nowMs + VALID_MS),
      signingAlgorithm: algorithm,
      keys: keys as never,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1']),
        new x509.SubjectAlternativeNameExtension([
          ...names.map((value) => ({ type: 'dns' as const, value })),
          { type: 'ip' as const, value: '127.0.0.1' },
        ]),
      ],
    },
    webcrypto as never,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const keyPem = `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`;
  return { names, keyPem, chainPem: `${certificate.toString('pem')}\n` };
}
