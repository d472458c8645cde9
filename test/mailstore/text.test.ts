import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { htmlText } from '../../daemon/mailstore/html-text.ts';
import { casemap } from '../../daemon/mailstore/match.ts';
import { searchText } from '../../daemon/mailstore/message-text.ts';

describe('text of HTML', () => {
  test('leaves tags, scripts, styles and comments out', () => {
    const html =
      '<style>p{x}</style><p>Re<b>ch</b>nung &amp; &#252;<br>mehr</p><!-- <b>no</b> --><script>if (a<b) "</p>"</script>end &nope; <unfinished';
    assert.equal(htmlText(html).replace(/ +/g, ' ').trim(), 'Rechnung & \u00fc mehr end &nope; <unfinished');
  });

  test('hostile input costs no more than its length', () => {
    const started = performance.now();
    for (const piece of ['<', '<script>', '<!--', '</', '&', '<style></']) htmlText(piece.repeat(400_000));
    assert.ok(performance.now() - started < 5000);
  });
});

test('search looks at decoded text of all text parts, not at attachments', () => {
  const raw = Buffer.from(
    'Subject: =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n' +
      '--b\r\nContent-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=F0=D2=C9=D7=C5=D4 soft=\r\n break\r\n' +
      '--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nc2VjcmV0\r\n--b--\r\n',
  );
  const text = searchText(raw, () => raw);
  assert.deepEqual(text.header('subject'), [casemap('\u65e5\u672c')]);
  assert.ok(text.body().includes(casemap('\u043f\u0440\u0438\u0432\u0435\u0442 soft break')));
  assert.ok(!text.body().includes('SECRET'));
});
