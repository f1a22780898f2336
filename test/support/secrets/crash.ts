/** Loaded into flowkeep (`node --import`): a signal makes it crash with its own environment in the error. */
const secrets = `the environment was ${JSON.stringify(process.env)}`;

process.on('SIGUSR2', () => {
  throw Object.assign(new Error(`a defect: ${secrets}`), { config: { headers: { ...process.env } } });
});
process.on('SIGWINCH', () => {
  void Promise.reject(new Error(`a forgotten promise: ${secrets}`));
});
