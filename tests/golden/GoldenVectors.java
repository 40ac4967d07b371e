// Writes the golden vectors of the protocol with Apache Kafka's own message classes.
//
// Usage: GoldenVectors JAR... > lines            (the jars are on the class path, too)
//
// For each schema in the jars, each of its stable versions and each variant below, one line:
//
//   name version variant hex
//
// Variants: default (a new message), full (every field set, arrays of two, tags set), null (null
// wherever the version allows it, arrays of one), empty (empty strings, bytes and arrays, the
// lowest numbers), unknown (as full, and every struct carries tags that nobody knows; flexible
// versions only). The schema says which fields a version has; reflection sets them.
// make_vectors.sh runs this over several Kafka releases.

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.RawTaggedField;

public class GoldenVectors {
  enum Variant { DEFAULT, FULL, NULL, EMPTY, UNKNOWN }

  static final String[] PACKAGES = {
    "org.apache.kafka.common.message.",
    "org.apache.kafka.common.metadata.",
    "org.apache.kafka.coordinator.group.generated.",
    "org.apache.kafka.coordinator.transaction.generated.",
    "org.apache.kafka.coordinator.share.generated.",
  };

  record Range(int first, int last) {
    static Range of(JsonNode text) {
      String s = text == null ? "none" : text.asText();
      if (s.equals("none")) return new Range(1, 0);
      if (s.endsWith("+")) {
        return new Range(Integer.parseInt(s.substring(0, s.length() - 1)), Short.MAX_VALUE);
      }
      String[] ends = s.split("-");
      return new Range(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
    }

    boolean has(int version) {
      return version >= first && version <= last;
    }
  }

  public static void main(String[] jars) throws Exception {
    for (JsonNode schema : schemas(jars).values()) {
      Range valid = Range.of(schema.get("validVersions"));
      boolean unstable = schema.path("latestVersionUnstable").asBoolean(false);
      for (int v = valid.first; v <= (unstable ? valid.last - 1 : valid.last); v++) {
        for (Variant variant : Variant.values()) {
          new GoldenVectors(schema, (short) v, variant).print();
        }
      }
    }
  }

  static TreeMap<String, JsonNode> schemas(String[] jars) throws Exception {
    ObjectMapper json = new ObjectMapper();
    json.configure(JsonParser.Feature.ALLOW_COMMENTS, true);
    TreeMap<String, JsonNode> schemas = new TreeMap<>();
    for (String jar : jars) {
      try (JarFile file = new JarFile(jar)) {
        for (Iterator<JarEntry> it = file.stream().iterator(); it.hasNext(); ) {
          JarEntry entry = it.next();
          if (!entry.getName().matches("common/(message|metadata)/[A-Za-z]+\\.json")) continue;
          JsonNode schema = json.readTree(file.getInputStream(entry));
          schemas.put(schema.get("name").asText(), schema);
        }
      }
    }
    return schemas;
  }

  final JsonNode schema;
  final short version;
  final Variant variant;
  final boolean flexible;
  int count = 0; // Makes every value another one.

  GoldenVectors(JsonNode schema, short version, Variant variant) {
    this.schema = schema;
    this.version = version;
    this.variant = variant;
    this.flexible = Range.of(schema.get("flexibleVersions")).has(version);
  }

  void print() throws Exception {
    Class<?> type = messageClass();
    if (type == null || (variant == Variant.UNKNOWN && !flexible)) return;
    Message message = (Message) type.getConstructor().newInstance();
    if (variant != Variant.DEFAULT) fill(message, schema.get("fields"));
    ObjectSerializationCache cache = new ObjectSerializationCache();
    ByteBuffer out = ByteBuffer.allocate(message.size(cache, version));
    message.write(new ByteBufferAccessor(out), cache, version);
    System.out.println(
        schema.get("name").asText()
            + " " + version
            + " " + variant.name().toLowerCase()
            + " " + HexFormat.of().formatHex(out.array(), 0, out.position()));
  }

  Class<?> messageClass() {
    String kind = schema.get("type").asText();
    boolean data = kind.equals("request") || kind.equals("response") || kind.equals("header");
    for (String prefix : PACKAGES) {
      try {
        return Class.forName(prefix + schema.get("name").asText() + (data ? "Data" : ""));
      } catch (ClassNotFoundException e) {
        continue;
      }
    }
    return null;
  }

  void fill(Message message, JsonNode fields) throws Exception {
    for (JsonNode field : fields) {
      JsonNode versions = field.has("versions") ? field.get("versions") : field.get("taggedVersions");
      if (Range.of(versions).has(version)) set(message, field);
    }
    if (variant == Variant.UNKNOWN) {
      message.unknownTaggedFields().add(new RawTaggedField(900, new byte[] {1, 2, 3}));
      message.unknownTaggedFields().add(new RawTaggedField(90000, new byte[200]));
    }
  }

  void set(Message message, JsonNode field) throws Exception {
    String name = field.get("name").asText();
    name = name.substring(0, 1).toUpperCase() + name.substring(1);
    for (Method setter : message.getClass().getDeclaredMethods()) {
      if (!setter.getName().equals("set" + name) || setter.getParameterCount() != 1) continue;
      setter.invoke(message, value(field, setter.getGenericParameterTypes()[0]));
      return;
    }
    throw new IllegalStateException(message.getClass() + " has no setter for " + name);
  }

  Object value(JsonNode field, Type type) throws Exception {
    boolean nullable = Range.of(field.get("nullableVersions")).has(version);
    if (variant == Variant.NULL && nullable) return null;
    String schemaType = field.get("type").asText();
    if (!schemaType.startsWith("[]")) return single(field, schemaType, type);
    Type element =
        type instanceof ParameterizedType list
            ? list.getActualTypeArguments()[0]
            : ((ParameterizedType) ((Class<?>) type).getGenericSuperclass())
                .getActualTypeArguments()[0];
    int size = variant == Variant.EMPTY ? 0 : variant == Variant.NULL ? 1 : 2;
    Collection<Object> items = collection(type);
    for (int i = 0; i < size; i++) items.add(single(field, schemaType.substring(2), element));
    return items;
  }

  @SuppressWarnings("unchecked")
  static Collection<Object> collection(Type type) throws Exception {
    if (type instanceof ParameterizedType) return new ArrayList<>();
    return (Collection<Object>) ((Class<?>) type).getConstructor().newInstance();
  }

  Object single(JsonNode field, String schemaType, Type type) throws Exception {
    boolean empty = variant == Variant.EMPTY;
    int n = ++count;
    switch (schemaType) {
      case "bool": return !empty;
      case "int8": return (byte) (empty ? Byte.MIN_VALUE : n);
      case "int16": return (short) (empty ? Short.MIN_VALUE : n * 257);
      case "uint16": return empty ? 65535 : n * 257 % 65536;
      case "int32": return empty ? Integer.MIN_VALUE : n * 16843009;
      case "int64": return empty ? Long.MIN_VALUE : n * 72340172838076673L;
      case "float64": return empty ? -0.0 : n + 0.25;
      case "string": return empty ? "" : "s" + "\u00e9".repeat(n % 3) + n;
      case "uuid": return empty ? Uuid.ZERO_UUID : new Uuid(n, n * 31L);
      case "bytes": return bytes(empty ? 0 : n * 50 % 1500, type);
      case "records": return records(empty ? 0 : 1100 + n);
      default: return struct(field, schemaType, (Class<?>) type);
    }
  }

  // The class moved to another package in Kafka 4.
  static Object records(int size) throws Exception {
    Class<?> type;
    try {
      type = Class.forName("org.apache.kafka.common.record.MemoryRecords");
    } catch (ClassNotFoundException e) {
      type = Class.forName("org.apache.kafka.common.record.internal.MemoryRecords");
    }
    Object content = bytes(size, ByteBuffer.class);
    return type.getMethod("readableRecords", ByteBuffer.class).invoke(null, content);
  }

  static Object bytes(int size, Type type) {
    byte[] content = new byte[size];
    for (int i = 0; i < size; i++) content[i] = (byte) (i / 7);
    return type == ByteBuffer.class ? ByteBuffer.wrap(content) : content;
  }

  Object struct(JsonNode field, String name, Class<?> type) throws Exception {
    JsonNode fields = field.get("fields");
    for (JsonNode common : schema.path("commonStructs")) {
      if (fields == null && common.get("name").asText().equals(name)) fields = common.get("fields");
    }
    Message message = (Message) type.getConstructor().newInstance();
    fill(message, fields);
    return message;
  }
}
