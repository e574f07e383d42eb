# `cpack -G DEB` in a release build makes one package: the program, its service, examples and pages.
include(GNUInstallDirs)

if(TARGET failgate)
  install(TARGETS failgate RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
# Not under CMAKE_INSTALL_LIBDIR: systemd reads this one folder on every architecture.
install(FILES "${PROJECT_SOURCE_DIR}/packaging/failgate.service" DESTINATION lib/systemd/system)
foreach(page README.md ARCHITECTURE.md CONTRIBUTING.md LICENSE)
  install(FILES "${PROJECT_SOURCE_DIR}/${page}" DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/failgate OPTIONAL)
endforeach()
foreach(folder docs manifests)
  if(IS_DIRECTORY "${PROJECT_SOURCE_DIR}/${folder}")
    install(DIRECTORY "${PROJECT_SOURCE_DIR}/${folder}/"
      DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/failgate/${folder})
  endif()
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME failgate)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "failgate maintainers <maintainers@failgate.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
# Libraries are found by dpkg-shlibdeps; these are programs that failgate starts.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "git-lfs")
set(CPACK_DEBIAN_PACKAGE_DEPENDS "git, openssh-client, bubblewrap, ca-certificates, tzdata")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${PROJECT_SOURCE_DIR}/packaging/postinst;${PROJECT_SOURCE_DIR}/packaging/prerm;${PROJECT_SOURCE_DIR}/packaging/postrm")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
