// The files of every RocksDB of the process.
#pragma once

namespace rocksdb {
class Env;
}

namespace tidemark {

// What RocksDB is to put into its options. It reaches the machine's files, and tells RocksDB that there is no
// space where there are no file descriptors left or a quota is used up: these pass, as a full disk does, and
// RocksDB takes any other failure for one that never will. Lives as long as the process.
rocksdb::Env* rocks_env();

}  // namespace tidemark
