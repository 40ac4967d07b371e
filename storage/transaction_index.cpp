#include "storage/transaction_index.h"

#include "protocol/big_endian.h"

#include "absl/strings/str_cat.h"

namespace moldau {

std::string encode_aborted_transaction(const AbortedTransaction& aborted) {
  std::string out;
  append_big_endian<int16_t>(out, 0);
  append_big_endian(out, aborted.producer_id);
  append_big_endian(out, aborted.first_offset);
  append_big_endian(out, aborted.last_offset);
  append_big_endian(out, aborted.last_stable_offset);
  return out;
}

absl::StatusOr<std::vector<AbortedTransaction>> decode_aborted_transactions(Bytes bytes) {
  if (bytes.size() % kAbortedTransactionBytes != 0)
    return absl::DataLossError(absl::StrCat("transaction index of ", bytes.size(), " bytes"));
  std::vector<AbortedTransaction> found;
  found.reserve(bytes.size() / kAbortedTransactionBytes);
  for (; !bytes.empty(); bytes = bytes.subspan(kAbortedTransactionBytes)) {
    const uint8_t* p = bytes.data();
    const int16_t version = load_big_endian<int16_t>(p);
    if (version != 0)
      return absl::DataLossError(absl::StrCat("transaction index of version ", version));
    found.push_back({load_big_endian<int64_t>(p + 2), load_big_endian<int64_t>(p + 10),
                     load_big_endian<int64_t>(p + 18), load_big_endian<int64_t>(p + 26)});
    if (found.back().last_offset < found.back().first_offset)
      return absl::DataLossError("transaction index with a transaction that ends before it starts");
  }
  return found;
}

absl::StatusOr<std::vector<AbortedTransaction>> read_transaction_index(Disk& disk,
                                                                       const std::string& path) {
  auto contents = disk.read_file(path);
  if (absl::IsNotFound(contents.status())) return std::vector<AbortedTransaction>();
  if (!contents.ok()) return contents.status();
  return decode_aborted_transactions(as_bytes(*contents));
}

absl::StatusOr<std::shared_ptr<File>> append_to_transaction_index(
    Disk& disk, const std::string& path, const AbortedTransaction& aborted) {
  auto file = disk.open(path, Disk::Mode::kCreate);
  if (!file.ok()) return file.status();
  auto size = (*file)->size();
  if (!size.ok()) return size.status();
  const std::string entry = encode_aborted_transaction(aborted);
  if (auto status = (*file)->write_at(*size, as_bytes(entry)); !status.ok()) return status;
  return file;
}

}  // namespace moldau
