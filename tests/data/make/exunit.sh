#!/bin/sh
# Makes tests/data/exunit/*.log: ExUnit of Elixir 1.14.
# Needs: elixir. Usage: sh exunit.sh OUTPUT_FOLDER
set -u
out=$(realpath "$1")
rm -rf /build/exunit && mkdir -p /build/exunit/lib /build/exunit/test /build/exunit/broken && cd /build/exunit || exit 2
export MIX_HOME=/build/mix HEX_HOME=/build/hex LC_ALL=C.UTF-8
cat >mix.exs <<'X'
defmodule Clinic.MixProject do
  use Mix.Project
  def project, do: [app: :clinic, version: "0.1.0", elixir: "~> 1.10"]
end
X
echo 'ExUnit.start()' >test/test_helper.exs
cat >lib/ward.ex <<'X'
defmodule Ward do
  @doc """
  Counts beds.

      iex> Ward.beds()
      3
  """
  def beds, do: 2

  def admit(name), do: raise(ArgumentError, "no bed for #{name}")
end
X
cat >test/ward_test.exs <<'X'
defmodule WardTest do
  use ExUnit.Case
  doctest Ward

  test "passes", do: assert(Ward.beds() == 2)

  test "compares" do
    assert Ward.beds() == 3
  end

  test "raises" do
    Ward.admit("Ada")
  end

  test "has a message" do
    assert false, "the lights are off\nsecond line"
  end

  describe "with ünïcode (and brackets) [1]" do
    test "fails – with a dash" do
      assert 1 > 2
    end
  end

  test "matches" do
    {:ok, _} = {:error, :nobody}
  end

  test "no function clause" do
    String.upcase(5)
  end

  test "exits" do
    exit(:gone)
  end

  test "throws" do
    throw(:ball)
  end

  test "linked process dies" do
    spawn_link(fn -> raise "in a process" end)
    Process.sleep(1000)
  end

  @tag timeout: 50
  test "takes too long" do
    Process.sleep(5000)
  end

  test "receives" do
    assert_receive :hello, 10
  end

  @tag :skip
  test "is skipped" do
    flunk("no")
  end

  test "prints what looks like results" do
    IO.puts("  1) test not real (NotReal)")
    IO.puts("9 tests, 9 failures")
    IO.puts("\n  1) test not real (NotReal)\n     test/not_real_test.exs:1\n     no code")
  end
end
X
cat >test/setup_test.exs <<'X'
defmodule SetupTest do
  use ExUnit.Case, async: true

  describe "setup" do
    setup do
      raise "database is down"
    end

    test("needs it", do: :ok)
  end
end

defmodule SetupAllTest do
  use ExUnit.Case

  setup_all do
    raise "no electricity"
  end

  test("never runs one", do: :ok)
  test("never runs two", do: :ok)
end
X
cat >test/green_test.exs <<'X'
defmodule GreenTest do
  use ExUnit.Case
  test("one", do: :ok)
end
X
cat >broken/broken_test.exs <<'X'
defmodule BrokenTest do
  use ExUnit.Case
  test "uses what is not there" do
    assert no_such_variable == 1
  end
end
X
run() { name=$1; shift; "$@" >"$out/$name.log" 2>&1; }
mix compile >/dev/null 2>&1
run plain mix test --seed 1
run trace mix test --seed 1 --trace
run colour mix test --seed 1 --color
run green mix test --seed 1 test/green_test.exs
run one mix test --seed 1 test/ward_test.exs:7
run max_failures mix test --seed 1 --max-failures 2
cp broken/broken_test.exs test/broken_test.exs
run compile_error mix test --seed 1
rm test/broken_test.exs
run two_runs sh -c "mix test --seed 1 test/green_test.exs; mix test --seed 1 test/setup_test.exs"
printf 'defmodule Ward do\n  def beds, do: 2 +\nend\n' >lib/ward.ex
run app_error mix test --seed 1
