// Everything that moves tables between the engine and the object store.
#pragma once

#include <string>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "jobs/job_registry.h"
#include "s3emu/access/job_access.h"
#include "s3emu/store/object_store.h"
#include "storage/engine.h"
#include "transfer/bucket/bucket.h"
#include "transfer/bulk_jobs.h"
#include "transfer/export_jobs.h"
#include "transfer/import_jobs.h"
#include "transfer/item_filter.h"
#include "transfer/put_condition.h"

namespace tidemark::transfer {

struct Transfers {
  // All must outlive it.
  // Exports and imports use the buckets wherever they are, bulk operations those here.
  Transfers(jobs::JobRegistry& registry, storage::Engine& engine, Buckets& buckets,
            s3emu::ObjectStore& objects, s3emu::JobAccess& access, FileSystem& files, Clock& clock,
            Random& random, CompileItemFilter compile_filter, CompilePutCondition compile_condition,
            const ImportJobs::Options& options, const BulkJobs::Options& bulk_options)
      : exports(registry, engine, buckets, clock, random, std::move(compile_filter), options.workers),
        imports(registry, engine, buckets, files, clock, random, options),
        bulk(registry, engine, objects, access, files, clock, random, std::move(compile_condition),
             bulk_options) {}

  ExportJobs exports;
  ImportJobs imports;
  BulkJobs bulk;
};

}  // namespace tidemark::transfer
