/**
 * Does the domain ask receivers to refuse fakes in its name? Its own DMARC record, or the one of a name above it.
 *
 * Specifications: RFC 9989 §4.7 (record), §4.10 (tree walk), RFC 7489 (its predecessor).
 */
import { type DnsAnswer, isTemporary } from '../dns/answer.ts';
import { type Inquiry, serversOf } from './inquiry.ts';
import { type Finding, type RecordText, statusText } from './report.ts';
import { parseTags } from './tag-list.ts';

const MAX_STEPS = 8;

interface Found {
  readonly name: string;
  readonly records: readonly string[];
  readonly answer: DnsAnswer<string>;
}

const WHY = 'Receivers do with mail that fakes your name what this record asks of them.';
const WATCH_ONLY = 'v=DMARC1; p=none';
const EXPECTED = 'v=DMARC1; p=quarantine';

/** Checks the DMARC policy that receivers apply to mail of `domain`. */
export async function checkDmarc(domain: string, inquiry: Inquiry): Promise<Finding> {
  const found = await findRecord(domain, inquiry);
  const judged = judge(domain, found);
  return {
    id: 'dmarc',
    subject: '',
    expected: EXPECTED,
    asked: serversOf(found.answer),
    found: found.records.join(' | ') || (isTemporary(found.answer) ? statusText(found.answer) : 'no DMARC record'),
    ...judged,
  };
}

type Judged = Pick<Finding, 'level' | 'title' | 'fix' | 'why'>;

function judge(domain: string, found: Found): Judged {
  const { records, answer } = found;
  const name = `_dmarc.${domain}`;
  const fix = (value: string): RecordText => ({ name, type: 'TXT', value, ttl: 3600 });
  if (isTemporary(answer))
    return { level: 'unknown', title: `What ${domain} asks about fakes could not be found out`, fix: null, why: WHY };
  if (records.length === 0) {
    return {
      level: 'warn',
      title: 'Ask others to refuse fakes in your name',
      fix: fix(WATCH_ONLY),
      why: `${WHY} Large receivers distrust domains without one; begin with p=none, which only watches.`,
    };
  }
  if (records.length > 1) {
    return {
      level: 'warn',
      title: `Keep only one of the ${records.length} DMARC records`,
      fix: null,
      why: 'With several records receivers act as if there were none.',
    };
  }
  const [record = ''] = records;
  const tags = parseTags(record);
  const policy = policyOf(tags, found.name === name);
  if (tags === undefined || policy === undefined) {
    return {
      level: 'warn',
      title: 'Mend the DMARC record',
      fix: fix(WATCH_ONLY),
      why: 'Receivers cannot read what it asks and act as if there were none.',
    };
  }
  if (policy === 'none' || tags.get('t') === 'y') {
    return {
      level: 'hint',
      title: 'Ask others to refuse fakes in your name',
      fix: fix(found.name === name ? record.replace(/(;\s*p\s*=\s*)none/i, '$1quarantine') : EXPECTED),
      why: 'The policy only watches. Once all your real mail passes, ask for quarantine.',
    };
  }
  return {
    level: 'ok',
    title: policy === 'reject' ? 'Fakes in your name are refused' : 'Fakes in your name go to junk',
    fix: null,
    why: WHY,
  };
}

/** RFC 9989 §4.10: the own record, else the nearest above, at most eight questions. */
async function findRecord(domain: string, inquiry: Inquiry): Promise<Found> {
  const labels = domain.split('.');
  const first = await ask(domain, inquiry);
  // RFC 9989 §4.10.1: of a long name only the last seven labels are walked.
  const start = Math.max(1, labels.length - MAX_STEPS + 1);
  let found = first;
  for (let i = start; i < labels.length - 1 && found.records.length === 0 && !isTemporary(found.answer); i++) {
    found = await ask(labels.slice(i).join('.'), inquiry);
  }
  return found.records.length > 0 || isTemporary(found.answer) ? found : first;
}

async function ask(domain: string, inquiry: Inquiry): Promise<Found> {
  const name = `_dmarc.${domain}`;
  const answer = await inquiry.query(name, 'TXT');
  return { name, answer, records: answer.records.filter((text) => /^v\s*=\s*DMARC1\s*(;|$)/i.test(text)) };
}

function policyOf(tags: ReadonlyMap<string, string> | undefined, isOwn: boolean): 'none' | 'quarantine' | 'reject' | undefined {
  // RFC 9989 §4.7: for names below the record's own, sp counts before p.
  const policy = (isOwn ? tags?.get('p') : (tags?.get('sp') ?? tags?.get('p')))?.toLowerCase();
  return policy === 'none' || policy === 'quarantine' || policy === 'reject' ? policy : undefined;
}
