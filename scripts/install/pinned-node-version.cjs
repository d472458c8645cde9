/**
 * Loaded into npm (NODE_OPTIONS=--require): npm leaves out optional packages, such as native parts of Vite, that the Node which
 * runs npm is too old for. They will be run by the pinned Node, so npm is told that one's version.
 */
const { dependencies } = require('../../package.json');

Object.defineProperty(process, 'version', { value: `v${dependencies.node}` });
