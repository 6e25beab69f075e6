#include "mixer/comments.h"

#include <utility>

#include "base/ascii.h"

namespace mailassay::mixer {

namespace {

class CommentReader {
  public:
    explicit CommentReader(std::string_view text) : text_(text) {}

    std::vector<std::string> all() {
        while (at_ < text_.size()) step();
        end_of_mailbox();
        return std::move(found_);
    }

  private:
    void step() {
        const char c = text_[at_];
        if (c == '(') {
            comment();
            return;
        }
        if (c == '"') {
            skip_until('"');
            seen_ = true;
        } else if (c == '[') {
            skip_until(']');
            seen_ = true;
        } else if (c == '<' || c == '>') {
            in_angles_ = c == '<';
            seen_ = true;
        } else if (!in_angles_ && (c == ',' || c == ';')) {
            end_of_mailbox();
        } else if (!in_angles_ && c == ':') {
            // What stood before was a group's name.
            seen_ = false;
            comments_.clear();
        } else if (!base::is_wsp(c) && c != '\r' && c != '\n') {
            seen_ = true;
        }
        ++at_;
    }

    void comment() {
        std::string text;
        int depth = 0;
        do {
            const char c = text_[at_];
            if (c == '(') ++depth;
            if (c == ')') --depth;
            if (c == '\\' && at_ + 1 < text_.size()) text += text_[at_++];
            // Folding is none of the comment.
            if (text_[at_] != '\r' && text_[at_] != '\n') text += text_[at_];
            ++at_;
        } while (depth > 0 && at_ < text_.size());
        comments_ += (comments_.empty() ? "" : " ") + text;
    }

    void skip_until(char end) {
        for (++at_; at_ < text_.size() && text_[at_] != end; ++at_) {
            if (text_[at_] == '\\') ++at_;
        }
    }

    void end_of_mailbox() {
        if (std::exchange(seen_, false)) found_.push_back(comments_);
        comments_.clear();
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool in_angles_ = false;
    bool seen_ = false;  // something of a mailbox
    std::string comments_;
    std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> comments_in(std::string_view addresses) {
    return CommentReader(addresses).all();
}

}  // namespace mailassay::mixer
