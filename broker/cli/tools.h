// The command-line tools, by Kafka's names and by moldau's verbs.
#pragma once

#include <string>
#include <vector>

namespace moldau::cli {

// "kafka-topics", "kafka-topics.sh" or "topics"; a path before it does not matter.
bool is_tool(const std::string& name);

// Runs it with the arguments after its name, on stdin, stdout and stderr. Returns the exit code: 0;
// 1 failure; 2 wrong usage (1 under Kafka's name, as Kafka's own).
int run_tool(const std::string& name, const std::vector<std::string>& arguments);

// `moldau completion bash|zsh|fish`: the script on stdout. `verbs` are those that are no tools.
int print_completion(const std::vector<std::string>& arguments,
                     const std::vector<std::string>& verbs);

}  // namespace moldau::cli
