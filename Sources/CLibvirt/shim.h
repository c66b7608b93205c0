// libvirt's C library, loaded when it is first needed: a machine without it runs the same program, and none but those
// who speak to libvirt pay for it. The functions are declared here as libvirt's stable interface has them (soname
// libvirt.so.0 since 2005), so that no headers of its own are needed to build. See docs/decisions/0012.
#pragma once
#include <dlfcn.h>
#include <stddef.h>

typedef struct {
  char model[32];
  unsigned long memory; /* KiB */
  unsigned int cpus, mhz, nodes, sockets, cores, threads;
} placet_node_info;

// Each function of libvirt that is used: its result, its name, its parameters. Handles are opaque.
#define PLACET_LIBVIRT_FUNCTIONS(X)                                                                          \
  X(void *_Nullable, virConnectOpen, (const char *_Nonnull uri))                                             \
  X(int, virConnectClose, (void *_Nonnull connection))                                                       \
  X(int, virConnectIsAlive, (void *_Nonnull connection))                                                     \
  X(char *_Nullable, virConnectGetHostname, (void *_Nonnull connection))                                     \
  X(int, virConnectGetLibVersion, (void *_Nonnull connection, unsigned long *_Nonnull version))              \
  X(char *_Nullable, virConnectGetCapabilities, (void *_Nonnull connection))                                 \
  X(int, virNodeGetInfo, (void *_Nonnull connection, placet_node_info *_Nonnull info))                       \
  X(int, virNodeGetFreePages,                                                                                \
    (void *_Nonnull connection, unsigned int sizes, unsigned int *_Nonnull size, int first_cell,             \
     unsigned int cells, unsigned long long *_Nonnull counts, unsigned int flags))                           \
  X(int, virNodeGetCellsFreeMemory,                                                                          \
    (void *_Nonnull connection, unsigned long long *_Nonnull free, int first_cell, int cells))               \
  X(int, virConnectListAllNodeDevices,                                                                       \
    (void *_Nonnull connection, void *_Nullable *_Nullable *_Nonnull list, unsigned int flags))              \
  X(char *_Nullable, virNodeDeviceGetXMLDesc, (void *_Nonnull device, unsigned int flags))                   \
  X(int, virNodeDeviceFree, (void *_Nonnull device))                                                         \
  X(int, virConnectListAllDomains,                                                                           \
    (void *_Nonnull connection, void *_Nullable *_Nullable *_Nonnull list, unsigned int flags))              \
  X(void *_Nullable, virDomainLookupByUUIDString, (void *_Nonnull connection, const char *_Nonnull uuid))    \
  X(void *_Nullable, virDomainDefineXML, (void *_Nonnull connection, const char *_Nonnull xml))              \
  X(char *_Nullable, virDomainGetXMLDesc, (void *_Nonnull domain, unsigned int flags))                       \
  X(int, virDomainGetUUIDString, (void *_Nonnull domain, char *_Nonnull text))                               \
  X(int, virDomainGetState,                                                                                  \
    (void *_Nonnull domain, int *_Nonnull state, int *_Nullable reason, unsigned int flags))                 \
  X(int, virDomainGetVcpuPinInfo,                                                                            \
    (void *_Nonnull domain, int count, unsigned char *_Nonnull maps, int length, unsigned int flags))        \
  X(int, virDomainCreate, (void *_Nonnull domain))                                                           \
  X(int, virDomainDestroyFlags, (void *_Nonnull domain, unsigned int flags))                                 \
  X(int, virDomainUndefineFlags, (void *_Nonnull domain, unsigned int flags))                                \
  X(int, virDomainFree, (void *_Nonnull domain))                                                             \
  X(int, virConnectListAllNetworks,                                                                          \
    (void *_Nonnull connection, void *_Nullable *_Nullable *_Nonnull list, unsigned int flags))              \
  X(void *_Nullable, virNetworkLookupByUUIDString, (void *_Nonnull connection, const char *_Nonnull uuid))   \
  X(void *_Nullable, virNetworkDefineXML, (void *_Nonnull connection, const char *_Nonnull xml))             \
  X(char *_Nullable, virNetworkGetXMLDesc, (void *_Nonnull network, unsigned int flags))                     \
  X(int, virNetworkIsActive, (void *_Nonnull network))                                                       \
  X(int, virNetworkSetAutostart, (void *_Nonnull network, int autostart))                                    \
  X(int, virNetworkCreate, (void *_Nonnull network))                                                         \
  X(int, virNetworkDestroy, (void *_Nonnull network))                                                        \
  X(int, virNetworkUndefine, (void *_Nonnull network))                                                       \
  X(int, virNetworkFree, (void *_Nonnull network))                                                           \
  X(void *_Nullable, virStoragePoolLookupByName, (void *_Nonnull connection, const char *_Nonnull name))     \
  X(void *_Nullable, virStoragePoolLookupByVolume, (void *_Nonnull volume))                                  \
  X(int, virStoragePoolFree, (void *_Nonnull pool))                                                          \
  X(void *_Nullable, virStorageVolLookupByName, (void *_Nonnull pool, const char *_Nonnull name))            \
  X(void *_Nullable, virStorageVolLookupByPath, (void *_Nonnull connection, const char *_Nonnull path))      \
  X(void *_Nullable, virStorageVolCreateXML,                                                                 \
    (void *_Nonnull pool, const char *_Nonnull xml, unsigned int flags))                                     \
  X(char *_Nullable, virStorageVolGetXMLDesc, (void *_Nonnull volume, unsigned int flags))                   \
  X(char *_Nullable, virStorageVolGetPath, (void *_Nonnull volume))                                          \
  X(int, virStorageVolDelete, (void *_Nonnull volume, unsigned int flags))                                   \
  X(int, virStorageVolFree, (void *_Nonnull volume))                                                         \
  X(int, virGetLastErrorCode, (void))                                                                        \
  X(int, virGetLastErrorDomain, (void))                                                                      \
  X(const char *_Nullable, virGetLastErrorMessage, (void))                                                   \
  X(void, virResetLastError, (void))                                                                         \
  X(void, virSetErrorFunc,                                                                                   \
    (void *_Nullable data, void (*_Nullable report)(void *_Nullable data, void *_Nullable error)))

// libvirt as a table of its functions.
typedef struct {
#define PLACET_MEMBER(result, name, parameters) result(*_Nonnull name) parameters;
  PLACET_LIBVIRT_FUNCTIONS(PLACET_MEMBER)
#undef PLACET_MEMBER
} placet_libvirt;

static inline void placet_libvirt_say_nothing(void *_Nullable data, void *_Nullable error) {
  (void)data;
  (void)error;
}

// Loads the library into the table; NULL, or what is missing. Whoever calls it sees to it that it is called once.
static inline const char *_Nullable placet_libvirt_load(const placet_libvirt *_Nullable *_Nonnull found) {
  static placet_libvirt table;
  void *library = dlopen("libvirt.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return "libvirt.so.0";
#define PLACET_LOAD(result, name, parameters)                \
  {                                                          \
    void *symbol = dlsym(library, #name);                    \
    if (!symbol) return #name;                               \
    *(void **)(void *)&table.name = symbol;                  \
  }
  PLACET_LIBVIRT_FUNCTIONS(PLACET_LOAD)
#undef PLACET_LOAD
  // Its errors are read where they happen, not printed.
  table.virSetErrorFunc(NULL, placet_libvirt_say_nothing);
  *found = &table;
  return NULL;
}
