// The declarations: one statement per field says its name, its kind, its place in the typed model,
// whether it must be there and what it is for. The same statement reads documents (unknown key,
// wrong type, wrong unit, missing field: each an error with its place and the right form) and
// generates the JSON Schema, so neither can promise what the other refuses.
//
//   Form<TargetConfig> target() {
//     return Object<TargetConfig>("target")
//         .required("url", &TargetConfig::url, url(), "where it listens")
//         .optional("weight", &TargetConfig::weight, whole(1, 1000), "its part of the work", "1")
//         .unavailable("zone", "for locality")
//         .form();
//   }
//
// A form is a value: how to read a T from a node, and the schema of what it accepts. Forms compose
// (`list_of`, `by_name`, `one_of`, `checked`); what is special to a document lives in its own file.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/config/diagnostic.hpp"
#include "headgate/config/text.hpp"
#include "headgate/core/result.hpp"

namespace headgate::config {

/// Where the reader is and what it has found so far.
class Reading {
 public:
  /// `found` outlives the reading. `path` is where the tree hangs in its file ("gateway"), or
  /// empty.
  Reading(std::string file, std::string path, std::vector<Diagnostic>& found)
      : file_(std::move(file)), path_(std::move(path)), found_(found) {}

  void error(std::string_view id, Position at, std::string message, std::string hint = {}) {
    add(Severity::kError, id, at, std::move(message), std::move(hint));
  }
  void warning(std::string_view id, Position at, std::string message, std::string hint = {}) {
    add(Severity::kWarning, id, at, std::move(message), std::move(hint));
  }
  /// Of a bounded number; what is more is cut, and the last one says so.
  void add(Severity severity, std::string_view id, Position at, std::string message,
           std::string hint);
  /// The usual error of a value: GW001, "expected EXPECTED, found …".
  void expected(const Node& node, std::string_view expected);

  /// Reads a part: `step` is on the path of every diagnostic while `read` runs.
  template <class Read>
  decltype(auto) within(std::string_view step, Read read) {
    const Leave leave{path_, path_.size()};
    if (!path_.empty()) path_ += '.';
    path_ += step;
    return read();
  }

  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  struct Leave {
    std::string& path;
    std::size_t size;
    ~Leave() { path.resize(size); }
  };

  std::string file_;
  std::string path_;
  std::vector<Diagnostic>& found_;
};

template <class T>
struct Form {
  /// The value, or nothing after reporting why not. An object is returned even when some of its
  /// fields were wrong: each is reported, and the rules can still look at the others.
  using Read = std::function<std::optional<T>(const Node&, Reading&)>;
  Read read;
  std::string schema;  ///< draft-07, as JSON text
};

// ---- The part of an object that does not depend on its type. ----

/// How a field is read into the object that it is a part of. Its own class: there are hundreds of
/// kinds of fields, and a std::function for each takes several times as long to compile.
class FieldReader {
 public:
  FieldReader() = default;
  FieldReader(const FieldReader&) = delete;
  FieldReader& operator=(const FieldReader&) = delete;
  virtual ~FieldReader() = default;
  virtual void read(const Node& node, Reading& reading, void* object) const = 0;
};

struct Field {
  enum class Need { kOptional, kRequired, kUnavailable };
  std::string name;
  std::string doc;
  Need need = Need::kOptional;
  std::string fallback;  ///< the default as it would be written; empty: none
  std::string schema;
  std::shared_ptr<const FieldReader> reader;  ///< null for what is unavailable
};

struct Fields {
  std::string what;     ///< "a target": for messages and the schema's title
  std::string example;  ///< one that is right, for messages; may be empty
  std::vector<Field> list;
  std::vector<std::vector<std::string>> exactly_one;  ///< of each group, one field must stand there

  void add(Field::Need need, std::string name, std::string doc, std::string fallback,
           std::string schema, std::unique_ptr<const FieldReader> reader);
  void add_unavailable(std::string name, std::string doc);
};

/// Reads every member of `node` into `object` and reports what is unknown, missing or too much.
/// Returns false if `node` is no map.
bool read_fields(const Fields& fields, const Node& node, Reading& reading, void* object);
[[nodiscard]] std::string schema_of(const Fields& fields);

/// Whether `text` can be what a thing is called: letters, digits, `_ . -`, at most 200, not
/// starting with a dot or a dash.
[[nodiscard]] bool is_name(std::string_view text) noexcept;
/// What to say of one that cannot.
[[nodiscard]] std::string not_a_name(std::string_view text);

/// The word of `words` that `word` was meant to be, or empty: one that differs in its case only,
/// else the nearest (see core/text.hpp). A view into `words`.
[[nodiscard]] std::string_view meant(std::string_view word, const std::vector<std::string>& words);

/// `text` as a JSON string with its quotes.
[[nodiscard]] std::string json_quoted(std::string_view text);

// ---- Objects ----

/// Reads a V that has no place in the model.
template <class V>
class Checker final : public FieldReader {
 public:
  explicit Checker(const typename Form<V>::Read& read) : read_{read} {}
  void read(const Node& node, Reading& reading, void* /*object*/) const override {
    static_cast<void>(read_(node, reading));
  }

 private:
  typename Form<V>::Read read_;
};

/// A map with declared keys, read into a T. `T{}` holds the defaults.
template <class T>
class Object {
 public:
  explicit Object(std::string what, std::string example = {}) {
    fields_.what = std::move(what);
    fields_.example = std::move(example);
  }

  // (required | optional | unavailable | exactly_one | then)* form; after `form` the object is
  // empty.

  /// `place` is a pointer to a member, or a function from T& to the V& to fill.
  template <class Place, class V>
  Object& required(std::string name, Place place, const Form<V>& form, std::string doc) {
    add(Field::Need::kRequired, std::move(name), place, form, std::move(doc), {});
    return *this;
  }
  template <class Place, class V>
  Object& optional(std::string name, Place place, const Form<V>& form, std::string doc,
                   std::string fallback = {}) {
    add(Field::Need::kOptional, std::move(name), place, form, std::move(doc), std::move(fallback));
    return *this;
  }
  /// Its value is checked and has no place in the model.
  template <class V>
  Object& only_checked(std::string name, const Form<V>& form, std::string doc,
                       std::string fallback = {}) {
    fields_.add(Field::Need::kOptional, std::move(name), std::move(doc), std::move(fallback),
                form.schema, std::unique_ptr<const FieldReader>{new Checker<V>{form.read}});
    return *this;
  }
  /// A word of the grammar that this version does not carry out: refused by name, never ignored.
  Object& unavailable(std::string name, std::string doc) {
    fields_.add_unavailable(std::move(name), std::move(doc));
    return *this;
  }
  Object& exactly_one(std::vector<std::string> names) {
    fields_.exactly_one.push_back(std::move(names));
    return *this;
  }
  /// A rule between fields; it runs after they are read and may report and amend.
  Object& then(std::function<void(const Node&, Reading&, T&)> rule) {
    rules_.push_back(std::move(rule));
    return *this;
  }

  [[nodiscard]] Form<T> form() {
    const auto fields = std::make_shared<const Fields>(std::move(fields_));
    return {[fields, rules = std::move(rules_)](const Node& node,
                                                Reading& reading) -> std::optional<T> {
              T object{};
              if (!read_fields(*fields, node, reading, &object)) return std::nullopt;
              for (const auto& rule : rules) rule(node, reading, object);
              return object;
            },
            schema_of(*fields)};
  }

 private:
  template <class Place, class V>
  void add(Field::Need need, std::string name, Place place, const Form<V>& form, std::string doc,
           std::string fallback) {
    fields_.add(need, std::move(name), std::move(doc), std::move(fallback), form.schema,
                std::unique_ptr<const FieldReader>{new Placer<Place, V>{place, form.read}});
  }

  template <class Place, class V>
  class Placer final : public FieldReader {
   public:
    Placer(Place place, const typename Form<V>::Read& read) : place_{place}, read_{read} {}
    void read(const Node& node, Reading& reading, void* object) const override {
      auto value = read_(node, reading);
      if (!value) return;
      V taken = std::move(*value);  // a place of optional<V> takes a V, not an optional
      std::invoke(place_, *static_cast<T*>(object)) = std::move(taken);
    }

   private:
    Place place_;
    typename Form<V>::Read read_;
  };

  Fields fields_;
  std::vector<std::function<void(const Node&, Reading&, T&)>> rules_;
};

/// A map with exactly one key, which says what the value is: `{exponential: 10ms}`.
template <class T>
class OneOf {
 public:
  OneOf(std::string what, std::string example) {
    fields_.what = std::move(what);
    fields_.example = std::move(example);
    fields_.exactly_one.emplace_back();
  }
  template <class V>
  OneOf& option(std::string name, const Form<V>& form, std::string doc) {
    fields_.exactly_one.front().push_back(name);
    fields_.add(Field::Need::kOptional, std::move(name), std::move(doc), {}, form.schema,
                std::unique_ptr<const FieldReader>{new Option<V>{form.read}});
    return *this;
  }
  OneOf& unavailable(std::string name, std::string doc) {
    fields_.exactly_one.front().push_back(name);
    fields_.add_unavailable(std::move(name), std::move(doc));
    return *this;
  }
  [[nodiscard]] Form<T> form() {
    auto fields = std::make_shared<const Fields>(std::move(fields_));
    return {[fields](const Node& node, Reading& reading) {
              std::optional<T> value;
              read_fields(*fields, node, reading, &value);
              return value;
            },
            schema_of(*fields)};
  }

 private:
  template <class V>
  class Option final : public FieldReader {
   public:
    explicit Option(const typename Form<V>::Read& read) : read_{read} {}
    void read(const Node& node, Reading& reading, void* object) const override {
      auto value = read_(node, reading);
      if (value) static_cast<std::optional<T>*>(object)->emplace(std::move(*value));
    }

   private:
    typename Form<V>::Read read_;
  };

  Fields fields_;
};

// ---- Compositions ----

/// Reports that `node` is no list ("expected a list of WHAT, …") and returns false, or true.
bool is_list(const Node& node, Reading& reading, std::size_t size_min);
/// Reports the keys of a map that are no names.
void check_names(const Node& map, Reading& reading);
bool is_map(const Node& node, Reading& reading, std::string_view what);
[[nodiscard]] std::string list_schema(const std::string& item, std::size_t size_min);
[[nodiscard]] std::string map_schema(const std::string& value);

template <class T>
[[nodiscard]] Form<std::vector<T>> list_of(const Form<T>& item, std::size_t size_min = 0) {
  return {[read = item.read, size_min](const Node& node,
                                       Reading& reading) -> std::optional<std::vector<T>> {
            if (!is_list(node, reading, size_min)) return std::nullopt;
            std::vector<T> values;
            for (std::size_t i = 0; i < node.items.size(); ++i) {
              auto value =
                  reading.within(std::to_string(i), [&] { return read(node.items[i], reading); });
              if (value) values.push_back(std::move(*value));
            }
            return values;
          },
          list_schema(item.schema, size_min)};
}

/// A map from free names to values, in the order of the file.
template <class T>
[[nodiscard]] Form<std::vector<std::pair<std::string, T>>> map_of(const Form<T>& item) {
  using Pairs = std::vector<std::pair<std::string, T>>;
  return {[read = item.read](const Node& node, Reading& reading) -> std::optional<Pairs> {
            if (!is_map(node, reading, "a map of names to values")) return std::nullopt;
            Pairs pairs;
            for (const Member& member : node.members) {
              auto value = reading.within(member.key, [&] { return read(member.value, reading); });
              if (value) pairs.emplace_back(member.key, std::move(*value));
            }
            return pairs;
          },
          map_schema(item.schema)};
}

/// The same for values that carry their `name`; each key must be one.
template <class T>
[[nodiscard]] Form<std::vector<T>> by_name(const Form<T>& item) {
  auto pairs = map_of(item);
  return {[read = pairs.read](const Node& node, Reading& reading) -> std::optional<std::vector<T>> {
            auto named = read(node, reading);
            if (!named) return std::nullopt;
            check_names(node, reading);
            std::vector<T> values;
            for (auto& [name, value] : *named) {
              value.name = name;
              values.push_back(std::move(value));
            }
            return values;
          },
          pairs.schema};
}

/// What `convert` (T to Result<U>) makes of a value; its `why` is reported at the value.
template <class T, class Convert>
[[nodiscard]] auto checked(const Form<T>& form, const Convert& convert) {
  using U = typename std::invoke_result_t<Convert, T>::value_type;
  return Form<U>{
      [read = form.read, convert](const Node& node, Reading& reading) -> std::optional<U> {
        auto value = read(node, reading);
        if (!value) return std::nullopt;
        Result<U> result = convert(std::move(*value));
        if (result) return std::move(*result);
        reading.error("GW001", node.at, result.error().why);
        return std::nullopt;
      },
      form.schema};
}

/// Either a scalar of one form or something else of another: `"…"` or `{expect: "…", why: "…"}`.
template <class T>
[[nodiscard]] Form<T> scalar_or(const Form<T>& scalar, const Form<T>& other) {
  return {[scalar = scalar.read, other = other.read](const Node& node, Reading& reading) {
            return node.kind == Node::Kind::kScalar ? scalar(node, reading) : other(node, reading);
          },
          "{\"anyOf\":[" + scalar.schema + "," + other.schema + "]}"};
}

}  // namespace headgate::config
