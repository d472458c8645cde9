import { threadRuntime } from './lib/thread-runtime.ts';
threadRuntime().ready({});
