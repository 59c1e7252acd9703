// What yaml-cpp needs for its events alone: reads each file that is named, and does nothing with what it is told.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/parser.h>

#include <cstddef>
#include <cstdio>
#include <fstream>

namespace {

class Counter final : public YAML::EventHandler {
  public:
    void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override { ++nodes; }
    void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override { ++nodes; }
    void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  const std::string& /*value*/) override {
        ++nodes;
    }
    void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                         YAML::EmitterStyle::value /*style*/) override {
        ++nodes;
    }
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                    YAML::EmitterStyle::value /*style*/) override {
        ++nodes;
    }
    void OnMapEnd() override {}

    std::size_t nodes = 0;
};

}  // namespace

int main(int count, char** arguments) {
    Counter counter;
    for (int i = 1; i < count; ++i) {
        std::ifstream file(arguments[i]);
        YAML::Parser parser(file);
        while (parser.HandleNextDocument(counter)) {
        }
    }
    std::printf("%zu nodes\n", counter.nodes);
    return counter.nodes == 0 ? 1 : 0;
}
