#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/program.h"

// Commands run within a test program, and what they wrote.
namespace mailassay::cli {

struct Outcome {
    int code = 0;
    std::string out;
    std::string err;

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

inline Outcome run_with(const std::vector<std::string>& arguments) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run(arguments, standard_implementation());
    return {.code = code,
            .out = testing::internal::GetCapturedStdout(),
            .err = testing::internal::GetCapturedStderr()};
}

// Nothing on standard output, and that line on standard error.
inline void expect_one_line(const Outcome& outcome, int code, const std::string& line) {
    EXPECT_EQ(outcome.code, code);
    EXPECT_EQ(outcome.err, line + "\n");
    EXPECT_EQ(outcome.out, "");
}

}  // namespace mailassay::cli
