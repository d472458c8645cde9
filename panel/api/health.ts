/* Whether the server's parts run; asked without a log-in. */
import type { Static } from 'typebox';
import type { Health } from '../../daemon/http/contract/api.ts';
import { get } from './client.ts';

export const readHealth = (): Promise<Static<typeof Health>> => get('/health');
