// Where the program is: TIDEMARK_PROGRAM, or what the package for this platform brought along.
'use strict';

const PACKAGES = { 'linux-x64': '@tidemark/linux-x64' };

function programPath() {
  if (process.env.TIDEMARK_PROGRAM) return process.env.TIDEMARK_PROGRAM;
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (!name) {
    throw new Error(`tidemark: there is no program for ${platform} yet, only for ${Object.keys(PACKAGES).join(', ')}. ` +
      'Use the image with Docker, or a server on another machine (TIDEMARK_PROGRAM names a program of your own).');
  }
  try {
    return require.resolve(`${name}/bin/tidemark`);
  } catch {
    throw new Error(`tidemark: the package ${name}, which has the program, is not installed. ` +
      'It is an optional dependency: install without --omit=optional, or name a program of your own in TIDEMARK_PROGRAM.');
  }
}

module.exports = { programPath };
