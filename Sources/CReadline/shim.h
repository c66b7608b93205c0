// GNU readline, with its globals behind functions: Swift does not read C globals.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <readline/readline.h>
#include <readline/history.h>

typedef char **(*placet_completion)(const char *text, int start, int end);

static volatile sig_atomic_t placet_interrupted_flag = 0;

// Whether the last read was ended by Ctrl-C; a Ctrl-C right after it is for the evaluation.
static volatile sig_atomic_t placet_read_ended_flag = 0;

// Wakes the thread that waits for a key: the signal may run on another one.
static int placet_wake[2] = {-1, -1};

static inline void placet_on_interrupt(int signal) {
  (void)signal;
  int reason = errno;
  placet_interrupted_flag = 1;
  if (placet_wake[1] >= 0 && write(placet_wake[1], "!", 1) < 0) { /* full: it wakes anyway */ }
  errno = reason;
}

static inline void placet_forget_wake(void) {
  char bytes[64];
  while (placet_wake[0] >= 0 && read(placet_wake[0], bytes, sizeof bytes) > 0) {}
}

// One key. Ctrl-C ends the line as return does; whoever reads the line sees the flag and drops it. (Readline's own
// way of reading a key goes on waiting for one after a signal.)
static inline int placet_read_key(FILE *stream) {
  struct pollfd places[2] = {{.fd = fileno(stream), .events = POLLIN}, {.fd = placet_wake[0], .events = POLLIN}};
  for (;;) {
    int ready = poll(places, 2, -1);
    int reason = errno;
    if (placet_interrupted_flag) {
      placet_forget_wake();
      placet_read_ended_flag = 1;
      placet_interrupted_flag = 0;
      rl_done = 1;
      return '\n';
    }
    rl_check_signals();
    if (ready < 0 && reason != EINTR) return EOF;
    if (ready <= 0 || !places[0].revents) {
      placet_forget_wake();
      continue;
    }
    unsigned char key;
    ssize_t count = read(fileno(stream), &key, 1);
    if (count == 1) return key;
    if (count == 0 || (errno != EINTR && errno != EAGAIN)) return EOF;
  }
}

static inline void placet_readline_prepare(placet_completion complete, const char *breaks) {
  rl_readline_name = "placet";
  rl_attempted_completion_function = complete;
  rl_completer_word_break_characters = strdup(breaks);
  rl_completion_append_character = '\0';
  rl_catch_signals = 0;
  rl_getc_function = placet_read_key;
  // With timestamps an entry of several lines comes back from the file as one.
  history_comment_char = '#';
  history_write_timestamps = 1;
  rl_variable_bind("enable-bracketed-paste", "on");
  rl_variable_bind("blink-matching-paren", "off");
}

// From now on Ctrl-C sets a flag, for the read and for whoever evaluates.
static inline void placet_catch_interrupts(void) {
  if (pipe(placet_wake) == 0) {
    for (int side = 0; side < 2; side++) {
      fcntl(placet_wake[side], F_SETFL, O_NONBLOCK);
      fcntl(placet_wake[side], F_SETFD, FD_CLOEXEC);
    }
  }
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = placet_on_interrupt;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
}

static inline int placet_interrupted(void) { return placet_interrupted_flag; }
static inline void placet_clear_interrupt(void) { placet_interrupted_flag = 0; }
static inline int placet_read_was_interrupted(void) { return placet_read_ended_flag; }

static inline char *placet_readline(const char *prompt) {
  placet_forget_wake();
  placet_interrupted_flag = 0;
  placet_read_ended_flag = 0;
  return readline(prompt);
}
static inline const char *placet_line_buffer(void) { return rl_line_buffer; }
// For this completion: no file names, no blank after the only candidate. Readline resets both each time.
static inline void placet_no_default_completion(void) {
  rl_attempted_completion_over = 1;
  rl_completion_append_character = '\0';
  rl_filename_completion_desired = 0;
}

// The statement remembered last, or NULL.
static inline const char *placet_last_history(void) {
  HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
  return last ? last->line : NULL;
}
