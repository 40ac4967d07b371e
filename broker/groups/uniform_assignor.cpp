// The uniform assignor: partitions are load, and load flows downhill.
//
// 1. Keep: a member keeps what it owned of the topics that it still subscribes to.
// 2. Place: each free partition goes to the subscriber with the least load, topics with the fewest
//    subscribers first, as those have the least choice.
// 3. Level: from a member with the most load, the shortest chain of moves is taken that ends at a
//    member with at least two partitions fewer. One move of a chain takes a partition of a topic
//    from a member to another subscriber of the topic; loads change at the ends of the chain only.
//    Where no chain is left, no other assignment is more even.
//
// With equal subscriptions every chain is one move from the fullest member to the emptiest, so
// exactly as many partitions move as have to. With different ones, a chain may move more than one
// partition for one step of balance; partitions that nobody owned before are moved first.
//
// Topics with the same subscribers are interchangeable and make one pool. A search for a chain
// looks at the subscribers of each pool at most once. Members that a vain search has seen are done
// with: they all have the load of its start or one less, and no later chain, which starts at no
// higher load, could end among them or lead through them.
#include <algorithm>
#include <limits>
#include <queue>
#include <utility>

#include "broker/groups/assignor.h"

namespace moldau {
namespace {

using Index = uint32_t;  // Of a topic, a pool or a member, each in the order of ids.
constexpr Index kNone = std::numeric_limits<Index>::max();

// How many subscribers all searches may look at together, so that a group with odd subscriptions is
// served in time: it is then less even than it could be.
constexpr uint64_t kMaxSearchSteps = 100'000'000;

class Levelling {
 public:
  explicit Levelling(const AssignSpec& spec);

  void keep_owned();
  void place_free();
  void level();
  TargetAssignment result() const;

 private:
  struct Topic {
    Uuid id;
    Index pool = kNone;         // None without subscribers.
    std::vector<Index> owners;  // By partition.
  };
  struct Pool {
    std::vector<Index> subscribers;  // Members, ascending.
    std::vector<Index> topics;
  };
  struct Partition {
    Index topic;
    int32_t number;
  };
  struct Member {
    const std::string* id;
    const MemberSpec* spec;
    size_t load = 0;
    std::map<Index, std::vector<Partition>> held;  // By pool; the kept before the newly placed.
  };
  // How a search came to a member: from whom, with a partition of which pool.
  struct Step {
    Index from = kNone;
    Index pool = kNone;
  };
  using Loaded = std::pair<size_t, Index>;  // A member by its load.

  void make_pools(std::vector<std::vector<Index>> subscribers_by_topic);
  void give(Index member, Partition partition);
  void move(Index from, Index to, Index pool);
  void place(const Pool& pool);
  Index find_end(Index start);
  Index reach_subscribers(const Pool& pool, Step step, size_t enough, Index best);
  void reach(Index member, Step step);
  bool has_least_load(Index member) const;
  void follow_chain_to(Index end);

  std::vector<Topic> topics_;
  std::vector<Pool> pools_;
  std::vector<Member> members_;

  // Of the search that is going on or has just ended.
  std::vector<Step> steps_;         // By member.
  std::vector<Index> reached_;      // Members.
  std::vector<Index> pools_seen_;   // Pools.
  std::vector<bool> is_reached_;    // By member, also those that are done with.
  std::vector<bool> is_pool_seen_;  // By pool, also those that are done with.
  uint64_t search_steps_ = 0;

  // The least load of all. Levelling never lowers it, so it is found by going up.
  std::vector<size_t> members_by_load_;
  size_t least_load_ = 0;
};

Levelling::Levelling(const AssignSpec& spec) {
  std::map<Uuid, Index> topic_index;
  for (const auto& [id, partitions] : spec.partition_counts) {
    topic_index.emplace(id, static_cast<Index>(topics_.size()));
    topics_.push_back({id, kNone, std::vector<Index>(static_cast<size_t>(partitions), kNone)});
  }
  std::vector<std::vector<Index>> subscribers(topics_.size());
  for (const auto& [id, member] : spec.members) {
    for (const Uuid& topic_id : member.subscribed) {
      const auto topic = topic_index.find(topic_id);
      if (topic == topic_index.end()) continue;
      subscribers[topic->second].push_back(static_cast<Index>(members_.size()));
    }
    members_.push_back({&id, &member, 0, {}});
  }
  make_pools(std::move(subscribers));
  steps_.resize(members_.size());
  is_reached_.resize(members_.size());
  is_pool_seen_.resize(pools_.size());
}

// Pools are in the order of their first topics.
void Levelling::make_pools(std::vector<std::vector<Index>> subscribers_by_topic) {
  std::map<std::vector<Index>, Index> known;
  for (Index t = 0; t < topics_.size(); ++t) {
    if (subscribers_by_topic[t].empty()) continue;
    const auto [pool, is_new] =
        known.try_emplace(std::move(subscribers_by_topic[t]), static_cast<Index>(pools_.size()));
    if (is_new) pools_.push_back({pool->first, {}});
    pools_[pool->second].topics.push_back(t);
    topics_[t].pool = pool->second;
  }
}

void Levelling::give(Index member, Partition partition) {
  Topic& topic = topics_[partition.topic];
  topic.owners[static_cast<size_t>(partition.number)] = member;
  members_[member].held[topic.pool].push_back(partition);
  ++members_[member].load;
}

void Levelling::move(Index from, Index to, Index pool) {
  auto held = members_[from].held.find(pool);
  const Partition partition = held->second.back();
  held->second.pop_back();
  if (held->second.empty()) members_[from].held.erase(held);
  --members_[from].load;
  give(to, partition);
}

void Levelling::keep_owned() {
  for (Index t = 0; t < topics_.size(); ++t) {
    const Topic& topic = topics_[t];
    if (topic.pool == kNone) continue;
    for (Index m : pools_[topic.pool].subscribers) {
      const auto owned = members_[m].spec->owned.find(topic.id);
      if (owned == members_[m].spec->owned.end()) continue;
      for (int32_t number : owned->second) {
        const auto p = static_cast<size_t>(number);
        if (p < topic.owners.size() && topic.owners[p] == kNone) give(m, {t, number});
      }
    }
  }
}

void Levelling::place_free() {
  std::vector<const Pool*> order;
  for (const Pool& pool : pools_) order.push_back(&pool);
  std::ranges::stable_sort(order, {}, [](const Pool* pool) { return pool->subscribers.size(); });
  for (const Pool* pool : order) place(*pool);
}

void Levelling::place(const Pool& pool) {
  std::vector<Loaded> loads;
  for (Index m : pool.subscribers) loads.emplace_back(members_[m].load, m);
  std::priority_queue<Loaded, std::vector<Loaded>, std::greater<>> least({}, std::move(loads));
  for (Index t : pool.topics) {
    const std::vector<Index>& owners = topics_[t].owners;
    for (size_t p = 0; p < owners.size(); ++p) {
      if (owners[p] != kNone) continue;
      const Index m = least.top().second;
      least.pop();
      give(m, {t, static_cast<int32_t>(p)});
      least.emplace(members_[m].load, m);
    }
  }
}

void Levelling::level() {
  std::priority_queue<Loaded> most;
  for (Index m = 0; m < members_.size(); ++m) most.emplace(members_[m].load, m);
  if (most.empty()) return;
  members_by_load_.assign(most.top().first + 1, 0);
  for (const Member& member : members_) ++members_by_load_[member.load];
  while (!most.empty() && search_steps_ < kMaxSearchSteps) {
    while (members_by_load_[least_load_] == 0) ++least_load_;
    const auto [load, start] = most.top();
    most.pop();
    if (load < 2 || load != members_[start].load) continue;  // The second: an entry of the past.
    const Index end = find_end(start);
    if (end == kNone) continue;
    follow_chain_to(end);
    for (Index m : {start, end}) {
      most.emplace(members_[m].load, m);
      ++members_by_load_[members_[m].load];
    }
    --members_by_load_[load];
    --members_by_load_[members_[end].load - 1];
  }
}

// Breadth first. Of the members that the shortest chains lead to, the one with the least load.
// Leaves the marks of a vain search.
Index Levelling::find_end(Index start) {
  if (is_reached_[start]) return kNone;
  const size_t enough = members_[start].load - 2;
  reached_.clear();
  pools_seen_.clear();
  reach(start, {});
  Index end = kNone;
  size_t next = 0;
  while (next < reached_.size() && end == kNone) {
    const size_t one_move_further = reached_.size();
    for (; next < one_move_further && !has_least_load(end); ++next) {
      const Index from = reached_[next];
      for (const auto& [pool, partitions] : members_[from].held) {
        if (is_pool_seen_[pool] || has_least_load(end)) continue;
        is_pool_seen_[pool] = true;
        pools_seen_.push_back(pool);
        end = reach_subscribers(pools_[pool], {from, pool}, enough, end);
      }
    }
  }
  if (end != kNone) {
    for (Index m : reached_) is_reached_[m] = false;
    for (Index p : pools_seen_) is_pool_seen_[p] = false;
  }
  return end;
}

// The best end so far: `best`, or one of the pool's subscribers.
Index Levelling::reach_subscribers(const Pool& pool, Step step, size_t enough, Index best) {
  for (Index m : pool.subscribers) {
    if (has_least_load(best)) break;
    ++search_steps_;
    if (is_reached_[m]) continue;
    reach(m, step);
    const size_t load = members_[m].load;
    if (load <= enough && (best == kNone || load < members_[best].load)) best = m;
  }
  return best;
}

void Levelling::reach(Index member, Step step) {
  is_reached_[member] = true;
  reached_.push_back(member);
  steps_[member] = step;
}

bool Levelling::has_least_load(Index member) const {
  return member != kNone && members_[member].load == least_load_;
}

void Levelling::follow_chain_to(Index end) {
  for (Index to = end; steps_[to].from != kNone; to = steps_[to].from) {
    move(steps_[to].from, to, steps_[to].pool);
  }
}

TargetAssignment Levelling::result() const {
  TargetAssignment target;
  for (const Member& member : members_) target[*member.id];
  for (const Topic& topic : topics_) {
    for (size_t p = 0; p < topic.owners.size(); ++p) {
      if (topic.owners[p] == kNone) continue;
      target[*members_[topic.owners[p]].id][topic.id].push_back(static_cast<int32_t>(p));
    }
  }
  return target;
}

}  // namespace

TargetAssignment assign_uniform(const AssignSpec& spec) {
  Levelling levelling(spec);
  levelling.keep_owned();
  levelling.place_free();
  levelling.level();
  return levelling.result();
}

}  // namespace moldau
