// What other packages of Tidemark need to start the program.
'use strict';

const { programPath } = require('./program.js');
const { endWithThisProcess, inherited } = require('./start.js');

module.exports = { programPath, endWithThisProcess, inherited };
