const jupyterlab = require('@jupyterlab/testing/lib/jest-config')(__dirname);

// Published as ES modules only.
const esModules = [
  '@codemirror',
  '@jupyter',
  '@jupyterlab',
  '@marijn',
  '@microsoft',
  '@rjsf',
  'color',
  'exenv-es6',
  'lib0',
  'marked',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

module.exports = {
  ...jupyterlab,
  collectCoverageFrom: ['src/**/*.{ts,tsx}'],
  coverageReporters: ['text'],
  // The tests run on the sources; what was built from them must not get in.
  modulePathIgnorePatterns: ['<rootDir>/lib/'],
  reporters: ['default'],
  setupFiles: [...jupyterlab.setupFiles, '<rootDir>/test/setup.js'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/lib/'],
  transformIgnorePatterns: [`/node_modules/(?!(${esModules})/).+`]
};
