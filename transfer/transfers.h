// Everything that moves tables between the engine and the object store.
#pragma once

#include <string>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "jobs/job_registry.h"
#include "storage/engine.h"
#include "transfer/bucket/bucket.h"
#include "transfer/export_jobs.h"
#include "transfer/import_jobs.h"
#include "transfer/item_filter.h"

namespace tidemark::transfer {

struct Transfers {
  // All must outlive it.
  Transfers(jobs::JobRegistry& registry, storage::Engine& engine, Buckets& buckets, FileSystem& files,
            Clock& clock, Random& random, CompileItemFilter compile_filter,
            const ImportJobs::Options& options)
      : exports(registry, engine, buckets, clock, random, std::move(compile_filter), options.workers),
        imports(registry, engine, buckets, files, clock, random, options) {}

  ExportJobs exports;
  ImportJobs imports;
};

}  // namespace tidemark::transfer
