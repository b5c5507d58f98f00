export default {
  entry: './src/main.js',
  output: { path: `${import.meta.dirname}/public/build`, clean: true },
  // webpack's own advice on large files: the runtime and the models are loaded by the worker, and only those needed.
  performance: { hints: false },
};
