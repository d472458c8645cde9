/** Mail that another server puts off, worked from the panel's queue by keyboard, and seen by `mailstead queue list` and that server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SMTPServer } from 'smtp-server';
import { runWell } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { type Lab, openLab } from '../support/lab.ts';
import { SMTP_PORT } from '../support/loopback-network.ts';
import { readFolder, submission } from '../support/mail-clients.ts';
import { PanelBrowser, type PanelPage } from '../support/panel-browser.ts';

const COMMAND = fileURLToPath(new URL('../../node_modules/.bin/mailstead', import.meta.url));
const opened = new AsyncDisposableStack();
let lab: Lab;
let panel: PanelPage;
let far: PuttingOff;

interface Listed {
  readonly id: string;
  readonly subject: string;
  readonly held: string | null;
}

/** The mail server of far.test: asks everybody to come back later until told otherwise. */
class PuttingOff implements AsyncDisposable {
  takes = false;
  /** RCPTs so far, taken or not. */
  asked = 0;
  /** Addresses of what it took. */
  readonly taken: string[] = [];
  readonly #server: SMTPServer;

  constructor() {
    this.#server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      logger: false,
      // Sessions that the sender keeps for later are not waited for.
      closeTimeout: 100,
      onRcptTo: (_address, _session, callback) => {
        this.asked++;
        callback(this.takes ? null : Object.assign(new Error('4.7.1 Greylisted, come back later'), { responseCode: 451 }));
      },
      onData: (stream, session, callback) => {
        stream.resume();
        stream.on('end', () => {
          this.taken.push(...session.envelope.rcptTo.map(({ address }) => address));
          callback();
        });
      },
    });
  }

  listen(host: string): Promise<void> {
    return new Promise((resolve) => this.#server.listen(SMTP_PORT, host, resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

before(async () => {
  lab = opened.use(await openLab({ accounts: ['alice'] }));
  far = opened.use(new PuttingOff());
  await far.listen(lab.network.foreign);
  panel = await opened.use(await PanelBrowser.open(lab.daemon)).signedIn('/queue');
});
after(() => opened.disposeAsync());

async function listed(subject: string): Promise<Listed | undefined> {
  const rows = JSON.parse(await runWell(COMMAND, ['--data', lab.daemon.data, 'queue', 'list', '--json'])) as Listed[];
  return rows.find((row) => row.subject === subject);
}

async function submit(subject: string): Promise<void> {
  const asked = far.asked;
  await submission(lab.daemon, 'alice@own.test').sendMail({ from: 'alice@own.test', to: 'tom@far.test', subject, text: 'Hello Tom.' });
  await eventually(`${subject} was tried`, () => far.asked > asked);
}

test('what waits appears by itself with its reason; tried now, the other server hears of it at once', async () => {
  await panel.heading('Nothing waits. All mail has left.');
  await submit('Contract for the oven');
  await panel.heading('One message waits.');
  await panel.page
    .getByRole('row', { name: /Contract for the oven/ })
    .getByText('They asked us to come back later')
    .waitFor();
  assert.deepEqual(await panel.accessFaults(), []);
  assert.equal((await listed('Contract for the oven'))?.held, null);
  const { asked } = far;
  await panel.choose('More for Contract for the oven', 'Try now');
  await panel.toast('We try it now');
  await eventually('another try', () => far.asked > asked);
});

test('held with a reason, then released: the command line says the same', async () => {
  await panel.choose('More for Contract for the oven', 'Hold');
  await panel.dialog('Hold this message?');
  await panel.fill('textbox', /^Why/, 'Looks odd');
  await panel.page.keyboard.press('Enter');
  await panel.page.getByText('Held by hand: Looks odd').waitFor();
  await panel.heading('One message is held by hand.');
  assert.equal((await listed('Contract for the oven'))?.held, 'Looks odd');
  far.takes = true;
  await panel.choose('More for Contract for the oven', 'Release');
  await panel.toast('The message goes on');
  await eventually('the released message arrives', () => far.taken.includes('tom@far.test'));
  await panel.heading('Nothing waits. All mail has left.');
  assert.equal(await listed('Contract for the oven'), undefined);
});

test('stopped from its story: gone from the queue, and the sender has the notice', async () => {
  far.takes = false;
  await submit('Second thoughts');
  await panel.heading('One message waits.');
  await panel.press('link', 'Second thoughts');
  await panel.heading(/^Waiting at the server of far\.test\./);
  await panel.page.getByText('451 4.7.1 Greylisted, come back later').waitFor();
  await panel.press('button', 'Stop sending');
  const dialog = await panel.dialog('Stop sending this message?');
  await panel.press('button', 'Stop sending', dialog);
  await panel.toast('We stopped sending it');
  assert.equal(await listed('Second thoughts'), undefined);
  await eventually('the notice', async () =>
    (await readFolder(lab.daemon, 'alice@own.test')).some((message) => message.includes('Action: failed')),
  );
});

test('several are chosen with Space and stopped together', async () => {
  await submit('First of two');
  await submit('Second of two');
  await panel.goTo('/queue');
  await panel.heading('Two messages wait.');
  await panel.press('checkbox', 'Choose all that are shown');
  const bar = panel.page.getByRole('toolbar', { name: 'For the chosen messages' });
  await bar.getByText('2 chosen').waitFor();
  await panel.press('button', 'Stop sending', bar);
  const dialog = await panel.dialog('Stop sending 2 messages?');
  await panel.press('switch', /^Tell the sender/, dialog);
  await panel.press('button', 'Stop sending', dialog);
  await panel.toast('We stopped sending 2 messages');
  await panel.heading('Nothing waits. All mail has left.');
  assert.equal(await listed('First of two'), undefined);
  assert.equal(await listed('Second of two'), undefined);
});
