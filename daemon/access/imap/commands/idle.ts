/** IDLE: news as they happen until DONE. RFC 9051 §6.3.13, RFC 2177. */
import { type CommandSpec, LOGGED_IN } from '../command-spec.ts';
import { bad, ok, type Reply } from '../reply.ts';

export const idle: CommandSpec<'IDLE'> = {
  states: LOGGED_IN,
  async run(session): Promise<Reply> {
    session.writer.ascii('+ idling').crlf();
    for (;;) {
      await session.announce(true);
      await session.io.flush();
      const event = session.io.nextLine();
      if (event?.type === 'line')
        return event.line.length === 4 && event.line.toString('latin1').toUpperCase() === 'DONE' ? ok('Idled') : bad('Expected DONE');
      if (event?.type === 'refused') return bad(event.text);
      if (session.io.isClosed) return ok('Idled');
      await session.io.wait();
    }
  },
};
