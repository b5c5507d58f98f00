import { rspack } from '@rspack/core';

export default {
  entry: './src/main.ts',
  output: { clean: true },
  module: {
    rules: [
      { test: /\.ts$/, loader: 'builtin:swc-loader', options: { jsc: { parser: { syntax: 'typescript' } } } },
    ],
  },
  plugins: [
    new rspack.HtmlRspackPlugin({ template: 'index.html' }),
    new rspack.CopyRspackPlugin({ patterns: ['sample.jpg'] }),
  ],
  // Its advice on large files: the runtime and the models are loaded by the worker, and only those needed.
  performance: { hints: false },
};
