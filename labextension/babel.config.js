// Packages that are published as ES modules only are translated for the tests.
module.exports = require('@jupyterlab/testing/lib/babel-config').default;
