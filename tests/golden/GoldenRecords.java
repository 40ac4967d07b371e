// Record batches and message sets as Apache's own kafka-clients writes and reads them.
//
//   make FILE    writes a text file of cases: the bytes, and what the client reads in them
//   verify DIR   reads every NAME.bin in DIR and compares what it sees with NAME.txt
//
// records.sh beside this file runs both. A case is, line by line:
//
//   case NAME
//   bytes HEX
//   entry MAGIC SIZE LAST_OFFSET MAX_TIMESTAMP CODEC TIMESTAMP_TYPE [BASE_OFFSET LEADER_EPOCH COUNT
//         PRODUCER_ID PRODUCER_EPOCH BASE_SEQUENCE TRANSACTIONAL CONTROL]   the rest for format 2
//         only
//   record OFFSET TIMESTAMP KEY VALUE [HEADER_KEY=VALUE...]
//   down MAGIC HEX      the same records converted to uncompressed messages of an older format
//
// A byte string is "-" for null, ":" and hex up to 64 bytes, "#SIZE:CRC32" beyond.

import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.LeaderChangeMessage;
import org.apache.kafka.common.record.*;
import org.apache.kafka.common.utils.ByteBufferOutputStream;

public class GoldenRecords {
    static final long T = 1500000000000L;
    static PrintStream out;

    public static void main(String[] args) throws Exception {
        if (args[0].equals("make"))
            make(args[1], args.length > 2 ? args[2] : "unknown");
        else if (args[0].equals("verify"))
            verify(Path.of(args[1]));
        else
            throw new IllegalArgumentException(args[0]);
    }

    // --- Writing ---------------------------------------------------------------------------------

    record Shape(byte magic, CompressionType codec, TimestampType type, long baseOffset,
        long producerId, short producerEpoch, int baseSequence, boolean transactional,
        boolean control, long deleteHorizon) {
        static Shape of(int magic, CompressionType codec, TimestampType type, long baseOffset) {
            return new Shape(
                (byte) magic, codec, type, baseOffset, -1L, (short) -1, -1, false, false, -1L);
        }
        Shape producer(
            long id, int epoch, int sequence, boolean isTransactional, boolean isControl) {
            return new Shape(magic, codec, type, baseOffset, id, (short) epoch, sequence,
                isTransactional, isControl, deleteHorizon);
        }
        Shape horizon(long ms) {
            return new Shape(magic, codec, type, baseOffset, producerId, producerEpoch,
                baseSequence, transactional, control, ms);
        }
    }

    static ByteBuffer build(Shape s, Consumer<MemoryRecordsBuilder> records) {
        MemoryRecordsBuilder b = new MemoryRecordsBuilder(new ByteBufferOutputStream(1 << 20),
            s.magic, Compression.of(s.codec).build(), s.type, s.baseOffset, T + 77, s.producerId,
            s.producerEpoch, s.baseSequence, s.transactional, s.control, 9, 1 << 20,
            s.deleteHorizon);
        records.accept(b);
        return b.build().buffer().duplicate();
    }

    static byte[] utf8(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    static void few(Shape s, MemoryRecordsBuilder b) {
        Header[] headers = {new RecordHeader("trace", utf8("a1")),
            new RecordHeader("", new byte[0]), new RecordHeader("null", (byte[]) null),
            new RecordHeader("trace", utf8("again"))};
        Header[] none = {};
        b.append(T + 5, utf8("key"), utf8("value"), s.magic == 2 ? headers : none);
        b.append(T, null, utf8("no key"), none);
        b.append(T + 9000, utf8("tombstone"), null, none);
        b.append(T + 1, new byte[0], new byte[0], none);
        b.append(T + 6, (byte[]) null, null, none);
    }

    static void many(Shape s, MemoryRecordsBuilder b) {
        for (int i = 0; i < 30; i++)
            b.append(T + i * 3, utf8("k" + i % 7), utf8("reading number " + i));
    }

    static void large(Shape s, MemoryRecordsBuilder b) {
        for (int n : new int[] {40000, 1, 70000}) {
            byte[] value = new byte[n];
            for (int i = 0; i < n; i++) value[i] = (byte) ("the quiet river ".charAt(i % 16));
            b.append(T, null, value);
        }
    }

    static void gaps(Shape s, MemoryRecordsBuilder b) {
        for (long delta : new long[] {2, 3, 10, 400})
            b.appendWithOffset(s.baseOffset + delta, T + delta, utf8("k"), utf8("v" + delta));
    }

    static void emit(String name, ByteBuffer buffer) {
        out.println("case " + name);
        out.println("bytes " + hex(bytes(buffer)));
        out.print(listing(buffer));
    }

    // Only where there is no codec: the client would keep it, while our broker takes it away.
    static void emitDown(ByteBuffer buffer, byte magic) throws Exception {
        MemoryRecords records = MemoryRecords.readableRecords(buffer.duplicate());
        Object converted;
        try {
            Object result =
                MemoryRecords.class
                    .getMethod("downConvert", byte.class, long.class,
                        org.apache.kafka.common.utils.Time.class)
                    .invoke(records, magic, 0L, org.apache.kafka.common.utils.Time.SYSTEM);
            converted = result.getClass().getMethod("records").invoke(result);
        } catch (NoSuchMethodException e) {
            return; // Clients from 4.0 on cannot convert.
        }
        out.println(
            "down " + magic + " " + hex(bytes(((MemoryRecords) converted).buffer().duplicate())));
    }

    static void make(String file, String version) throws Exception {
        out = new PrintStream(file);
        out.println("# kafka-clients " + version);
        boolean old = version.startsWith("3.");
        for (int magic = old ? 0 : 2; magic <= 2; magic++) {
            for (CompressionType codec : CompressionType.values()) {
                if (magic < 2 && codec == CompressionType.ZSTD)
                    continue;
                for (TimestampType type : TimestampType.values()) {
                    if ((magic == 0) != (type == TimestampType.NO_TIMESTAMP_TYPE))
                        continue;
                    shapes("v" + magic + " " + codec.name + " " + type.name,
                        Shape.of(magic, codec, type, 7));
                }
            }
        }
        if (old)
            sequences();
        flags();
        out.close();
    }

    static void shapes(String name, Shape s) throws Exception {
        ByteBuffer few = build(s, b -> few(s, b));
        emit(name + " few", few);
        if (s.codec == CompressionType.NONE)
            for (byte m = 0; m < 2; m++) emitDown(few, m);
        emit(name + " many", build(s, b -> many(s, b)));
        emit(name + " gaps", build(s, b -> gaps(s, b)));
        if (s.codec != CompressionType.NONE)
            emit(name + " large", build(s, b -> large(s, b)));
    }

    static ByteBuffer joined(ByteBuffer... parts) {
        ByteBuffer all =
            ByteBuffer.allocate(Arrays.stream(parts).mapToInt(ByteBuffer::remaining).sum());
        for (ByteBuffer p : parts) all.put(p.duplicate());
        return all.flip();
    }

    // What a log holds that has lived through several versions of its broker.
    static void sequences() throws Exception {
        TimestampType none = TimestampType.NO_TIMESTAMP_TYPE, create = TimestampType.CREATE_TIME,
                      append = TimestampType.LOG_APPEND_TIME;
        Shape v0 = Shape.of(0, CompressionType.NONE, none, 0),
              v0gzip = Shape.of(0, CompressionType.GZIP, none, 5),
              v1 = Shape.of(1, CompressionType.NONE, append, 10),
              v1lz4 = Shape.of(1, CompressionType.LZ4, create, 15),
              v2 = Shape.of(2, CompressionType.ZSTD, create, 20);
        emit("all formats in one log",
            joined(build(v0, b -> few(v0, b)), build(v0gzip, b -> few(v0gzip, b)),
                build(v1, b -> few(v1, b)), build(v1lz4, b -> few(v1lz4, b)),
                build(v2, b -> few(v2, b))));
    }

    static void flags() throws Exception {
        Shape plain = Shape.of(2, CompressionType.NONE, TimestampType.CREATE_TIME, 1L << 40);
        Shape idempotent = plain.producer(4000, 2, 17, false, false);
        emit("idempotent", build(idempotent, b -> few(idempotent, b)));
        Shape wrapping = plain.producer(4000, 2, Integer.MAX_VALUE - 1, false, false);
        emit("sequence about to wrap", build(wrapping, b -> few(wrapping, b)));
        Shape txn = plain.producer(Long.MAX_VALUE, Short.MAX_VALUE, 0, true, false);
        emit("transactional", build(txn, b -> few(txn, b)));
        Shape marker = plain.producer(4000, 2, -1, true, true);
        for (ControlRecordType type : List.of(ControlRecordType.ABORT, ControlRecordType.COMMIT))
            emit("marker " + type,
                build(marker, b -> b.appendEndTxnMarker(T, new EndTransactionMarker(type, 3))));
        Shape control = plain.producer(-1, -1, -1, false, true);
        emit("leader change",
            build(control,
                b -> b.appendLeaderChangeMessage(T, new LeaderChangeMessage().setLeaderId(3))));
        Shape horizon = plain.horizon(T + 123456);
        emit("delete horizon", build(horizon, b -> few(horizon, b)));
        ByteBuffer empty = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
        DefaultRecordBatch.writeEmptyHeader(empty, (byte) 2, 4000, (short) 2, 17, 50, 60, 9,
            TimestampType.CREATE_TIME, T, true, false);
        emit("emptied by compaction", empty.flip());
    }

    // --- Reading ---------------------------------------------------------------------------------

    static String listing(ByteBuffer buffer) {
        StringBuilder text = new StringBuilder();
        for (MutableRecordBatch batch :
            MemoryRecords.readableRecords(buffer.duplicate()).batches()) {
            batch.ensureValid();
            text.append(entryLine(batch));
            for (var r : batch) {
                r.ensureValid();
                text.append(recordLine(r.offset(), r.timestamp(), r.key(), r.value(), r.headers()));
            }
        }
        return text.toString();
    }

    static String entryLine(MutableRecordBatch b) {
        String line = String.format("entry %d %d %d %d %s %s", b.magic(), b.sizeInBytes(),
            b.lastOffset(), b.maxTimestamp(), b.compressionType().name,
            b.timestampType() == TimestampType.LOG_APPEND_TIME ? "append" : "create");
        if (b.magic() < 2)
            return line + "\n";
        return line
            + String.format(" %d %d %d %d %d %d %d %d\n", b.baseOffset(), b.partitionLeaderEpoch(),
                b.countOrNull(), b.producerId(), b.producerEpoch(), b.baseSequence(),
                b.isTransactional() ? 1 : 0, b.isControlBatch() ? 1 : 0);
    }

    static String recordLine(
        long offset, long timestamp, ByteBuffer key, ByteBuffer value, Header[] headers) {
        StringBuilder line = new StringBuilder(
            "record " + offset + " " + timestamp + " " + text(key) + " " + text(value));
        for (Header h : headers)
            line.append(" " + text(ByteBuffer.wrap(utf8(h.key()))) + "="
                + text(h.value() == null ? null : ByteBuffer.wrap(h.value())));
        return line + "\n";
    }

    static byte[] bytes(ByteBuffer b) {
        byte[] bytes = new byte[b.remaining()];
        b.duplicate().get(bytes);
        return bytes;
    }

    static String text(ByteBuffer b) {
        if (b == null)
            return "-";
        byte[] bytes = bytes(b);
        if (bytes.length <= 64)
            return ":" + hex(bytes);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return "#" + bytes.length + ":" + crc.getValue();
    }

    static String hex(byte[] bytes) {
        StringBuilder s = new StringBuilder();
        for (byte b : bytes) s.append(String.format("%02x", b));
        return s.toString();
    }

    static void verify(Path dir) throws Exception {
        int good = 0, wrong = 0;
        List<Path> files;
        try (var list = Files.list(dir)) {
            files = list.filter(p -> p.toString().endsWith(".bin")).sorted().toList();
        }
        for (Path file : files) {
            String expected = Files.readString(Path.of(file.toString().replaceAll("bin$", "txt")));
            String seen;
            try {
                seen = listing(ByteBuffer.wrap(Files.readAllBytes(file)));
            } catch (RuntimeException e) {
                seen = e.toString();
            }
            if (seen.equals(expected))
                good++;
            else {
                wrong++;
                System.out.println(file + "\n--- expected\n" + expected + "--- seen\n" + seen);
            }
        }
        System.out.println(good + " files read as expected, " + wrong + " not");
        if (wrong > 0 || good == 0)
            System.exit(1);
    }
}
