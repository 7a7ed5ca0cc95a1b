'use strict';

module.exports = async (globalConfig) => {
  if (globalConfig.watch || globalConfig.watchAll) return;
  await globalThis.__TIDEMARK__?.stop();
  globalThis.__TIDEMARK__ = undefined;
};
