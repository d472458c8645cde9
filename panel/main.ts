/* The panel's entry: theme first (no flash), then the address, then the app. */
import { startRouter } from './state/router.ts';
import { restoreTheme } from './state/theme.ts';
import './shell/app.ts';

restoreTheme();
startRouter();
