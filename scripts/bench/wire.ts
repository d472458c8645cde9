/**
 * Micro-benchmark of the MIME indexer: `node scripts/bench/wire.ts` prints microseconds per message.
 *
 * One thread, warm, messages made here; figures are for comparing two states of this code on one machine.
 */
import { bodyOf, bodyStructureOf } from '../../daemon/wire/mime/body-structure.ts';
import { envelopeOf } from '../../daemon/wire/mime/envelope.ts';
import { indexMessage } from '../../daemon/wire/mime/index-message.ts';
import { packParts } from '../../daemon/wire/mime/part-table.ts';

const HEADER = [
  'Received: from mx.example.net (mx.example.net [192.0.2.7])\r\n\tby mail.example.com with ESMTPS id 4f2c;\r\n\tMon, 6 May 2024 10:00:00 +0200',
  'From: "Ann Example" <ann@example.net>',
  'To: Bob <bob@example.com>, "Carol, C." <carol@example.com>',
  'Subject: =?utf-8?q?Angebot_f=C3=BCr_Mai?=',
  'Date: Mon, 6 May 2024 10:00:00 +0200',
  'Message-ID: <20240506080000.4f2c@example.net>',
  'MIME-Version: 1.0',
].join('\r\n');
const LINE = 'The quick brown fox jumps over the lazy dog and goes on for a while.\r\n';

function plain(sizeBytes: number): Buffer {
  const head = `${HEADER}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n`;
  return Buffer.from(head + LINE.repeat(Math.ceil((sizeBytes - head.length) / LINE.length)));
}

function alternative(sizeBytes: number): Buffer {
  const half = LINE.repeat(Math.ceil((sizeBytes - 900) / LINE.length / 2));
  return Buffer.from(
    `${HEADER}\r\nContent-Type: multipart/alternative; boundary="b_1"\r\n\r\n--b_1\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Transfer-Encoding: 8bit\r\n\r\n${half}\r\n--b_1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${half}\r\n--b_1--\r\n`,
  );
}

function serialise(raw: Buffer): unknown {
  const index = indexMessage(raw);
  return [envelopeOf(index), bodyStructureOf(index), bodyOf(index), packParts(index)];
}

function measure(name: string, work: () => unknown): void {
  for (let round = 0; round < 20_000; round++) work();
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    const start = process.hrtime.bigint();
    for (let round = 0; round < 10_000; round++) work();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e3 / 10_000);
  }
  console.log(`${name.padEnd(46)} ${best.toFixed(2).padStart(8)} µs`);
}

const samples: [string, Buffer][] = [
  ['2 KiB text', plain(2_048)],
  ['8 KiB text', plain(8_192)],
  ['8 KiB multipart/alternative', alternative(8_192)],
  ['70 KiB multipart/alternative', alternative(71_680)],
];
for (const [name, raw] of samples) {
  measure(`index, ${name}`, () => indexMessage(raw));
  measure(`index and serialise, ${name}`, () => serialise(raw));
}
