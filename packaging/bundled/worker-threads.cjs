// In place of node:worker_threads, of which pino asks only this: 0.4 MB.
exports.isMainThread = true;
