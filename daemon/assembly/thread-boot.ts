/**
 * What main tells each thread at its birth, and the notices that it sends later. Plain data: it crosses threads.
 */
import type { CertificateSet } from '../certificates/certificate-set.ts';
import type { Config } from '../config/config.ts';

export interface CommonBoot {
  readonly dataDir: string;
  readonly logLevel: string;
}

export interface StoreBoot extends CommonBoot {
  readonly accountsDir: string;
  /** UIDVALIDITYs of new files start here (rule 7 of the design). */
  readonly firstUidValidity: number;
}

export interface ReaderBoot extends CommonBoot {
  readonly accountsDir: string;
}

export interface LedgerBoot extends CommonBoot {
  readonly queuePath: string;
  readonly trackingPath: string;
  readonly retentionMs: number;
}

/** Threads that meet the world. */
export interface WorldBoot extends CommonBoot {
  readonly config: Config;
  readonly version: string;
  readonly certificates: CertificateSet;
}

/** Names of the notices and what they carry. */
export interface Notices {
  readonly certificates: CertificateSet;
  readonly logLevel: string;
  /** To the ledger: how long tracking is kept. */
  readonly trackingDays: number;
  /** Sessions of the account end. */
  readonly revoked: number;
}
