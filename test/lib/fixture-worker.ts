import { transferring } from '../../daemon/lib/port-call.ts';
import { threadRuntime } from '../../daemon/lib/thread-runtime.ts';

/** A worker that answers a few calls, for the tests of supervisor and ports. */
const runtime = threadRuntime<{ greeting: string }>();
runtime.serve(
  {
    greet: (name: string) => `${runtime.boot.greeting} ${name} from ${runtime.index}`,
    fail: () => {
      throw new Error('secret detail');
    },
    bytes: (size: number) => {
      const data = new Uint8Array(size).fill(7);
      return transferring({ data }, [data.buffer]);
    },
    die: () => process.exit(1),
    async *count(to: number) {
      for (let i = 0; i < to; i++) yield i;
    },
  },
  () => undefined,
);
runtime.onNotice('level', (value: string) => runtime.notify('heard', value));
runtime.ready({});
